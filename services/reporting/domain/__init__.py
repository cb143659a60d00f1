"""What is measured, of whom, over which time, and what may be shown of small numbers."""
