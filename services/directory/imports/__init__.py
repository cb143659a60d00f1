"""Reading what others publish about activities and places: bytes in, rows out, nothing stored."""
