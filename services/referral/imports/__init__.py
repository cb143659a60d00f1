"""Reading the published files that say which practices and networks there are: bytes in, rows out, nothing stored."""
