"""A whole network on one machine from packages alone: stores, broker and services, started by one command."""
