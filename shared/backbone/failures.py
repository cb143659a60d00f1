"""Telling a passing trouble (store away, outbox full) from a fault in an event, which no waiting heals."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.backbone.outbox import Backlogged

# SQLSTATE classes: connection, resources, operator intervention, system, and transactions that must be tried again.
_PASSING = ("08", "53", "57P", "58", "40")


def is_passing(error: BaseException) -> bool:
    """Whether trying the same again later may succeed with nothing mended; such an event is never parked."""
    if isinstance(error, (ConnectionError, TimeoutError, PoolTimeout, Backlogged)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(_PASSING)
