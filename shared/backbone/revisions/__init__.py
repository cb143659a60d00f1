"""The backbone's tables as revisions made them: frozen, called from each service's numbered revisions."""
