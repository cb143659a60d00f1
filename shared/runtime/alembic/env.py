"""Alembic's environment, the same for every service: the connection and the service come from the caller."""

from alembic import context

from shared.runtime.migrations import metadata

service = context.config.attributes["service"]
context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata(service), compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
