"""What can be done in the directory: one function each, in a transaction that the caller opened."""
