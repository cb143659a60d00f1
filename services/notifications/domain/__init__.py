"""The rules of telling people: who, what, which way, and what happens to a message."""
