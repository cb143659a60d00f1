"""Telling a passing trouble (store away, outbox full) from a fault in an event, which no waiting heals."""

from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.backbone.outbox import Backlogged

# SQLSTATE classes: connection, resources, operator intervention, system, and transactions that must be tried again.
_PASSING = ("08", "53", "57P", "58", "40")


def is_transient(error: BaseException) -> bool:
    """Whether trying the same again later may succeed with nothing mended; such an event is never parked."""
    if isinstance(error, (ConnectionError, TimeoutError, PoolTimeout, Backlogged)):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    said = error.orig if isinstance(error, DBAPIError) else error  # the driver's own, from a bare transaction
    if isinstance(said, InternalClientError) or isinstance(getattr(said, "__cause__", None), InternalClientError):
        return True  # what the driver makes of a session that ended between two messages
    return str(getattr(said, "sqlstate", None) or "").startswith(_PASSING)
