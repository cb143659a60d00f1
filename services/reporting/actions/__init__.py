"""What reporting does: note what it hears, and put a report together for who may see it."""
