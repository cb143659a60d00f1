"""Telling a passing trouble (store away, outbox full) from a fault in an event, which no waiting heals."""

from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.backbone.outbox import Backlogged

# SQLSTATE classes: connection, resources, operator intervention, system, and transactions that must be tried again.
_PASSING = ("08", "53", "57P", "58", "40")

# A statement that took too long, or waited too long for a lock: of a handler's, it may be the event's fault.
_SLOW = ("57014", "55P03")


def is_slow(error: BaseException) -> bool:
    """Whether the store gave a statement up for the time it took."""
    return str(getattr(_of_driver(error), "sqlstate", None) or "") in _SLOW


def is_transient(error: BaseException) -> bool:
    """Whether trying the same again later may succeed with nothing mended; such an event is never parked."""
    if isinstance(error, (ConnectionError, TimeoutError, PoolTimeout, Backlogged)):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    said = _of_driver(error)
    if isinstance(said, InternalClientError) or isinstance(getattr(said, "__cause__", None), InternalClientError):
        return True  # what the driver makes of a session that ended between two messages
    return str(getattr(said, "sqlstate", None) or "").startswith(_PASSING)


def _of_driver(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error  # the driver's own, from a bare transaction
