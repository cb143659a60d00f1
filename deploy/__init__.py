"""Everything that starts, watches and mends a network."""
