"""What notifications does: keep what it hears, write messages down, send them, and note what became of them."""
