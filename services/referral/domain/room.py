"""Room as a group last said it, and how long that can be believed: the directory's own rule, for when it is down."""

from datetime import datetime, timedelta

TOO_OLD = timedelta(days=90)
UNKNOWN = "unknown"


def believed(said: str, at: datetime | None, now: datetime) -> str:
    """What can still be said of room: after three months of silence, nothing."""
    return said if at is not None and now - at <= TOO_OLD else UNKNOWN
