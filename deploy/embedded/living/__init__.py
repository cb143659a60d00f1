"""Fills an empty network with the invented borough it carries: its files, and some hundreds of people on their way."""
