"""Keys and tokens of a network."""
