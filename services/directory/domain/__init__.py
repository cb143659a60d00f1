"""What the community offers, where there is room, and what became of each request for a place: the rules alone."""
