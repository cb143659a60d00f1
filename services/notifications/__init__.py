"""Messages to people: who is told what, by which way, and what became of each message."""
