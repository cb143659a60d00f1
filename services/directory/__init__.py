"""Directory: what the community offers, where there is room, and the providers' desk."""
