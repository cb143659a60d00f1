"""Taking values out of a feed's JSON, where any field may be missing, empty, of another kind, or spelt another way."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

Node = Mapping[str, object]  # one JSON object of a feed
MOST = 1_000_000  # no age, number of places or of pages is as great as this


def text(node: Node, *names: str) -> str:
    """The first of these fields that says something; numbers count, objects and lists do not."""
    for name in names:
        value = node.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and (said := _storable(str(value))):
            return said
    return ""


def _storable(value: str) -> str:
    """Without what JSON can write and no store can keep: half characters and the null one."""
    return value.encode("utf-8", "ignore").decode("utf-8").replace("\0", "").strip()


def node(parent: Node, *names: str) -> Node:
    """The first of these fields that is an object; an empty one when none is."""
    found = (parent.get(name) for name in names)
    return next((value for value in found if isinstance(value, dict)), {})


def nodes(parent: Node, *names: str) -> list[Node]:
    """The objects in all of these fields, each a list of objects or a single one."""
    found: list[Node] = []
    for name in names:
        value = parent.get(name)
        values = value if isinstance(value, list) else [value]
        found.extend(item for item in values if isinstance(item, dict))
    return found


def whole(parent: Node, *names: str) -> int | None:
    """A whole number of nought or more, also where the feed writes it as text or as 16.0."""
    try:
        value = float(text(parent, *names))
    except ValueError:
        return None
    return int(value) if value.is_integer() and 0 <= value < MOST else None


def decimal(parent: Node, *names: str) -> float | None:
    try:
        return float(text(parent, *names))
    except ValueError:
        return None


def day(parent: Node, *names: str) -> date | None:
    """The date of a date or a date-time."""
    try:
        return date.fromisoformat(text(parent, *names)[:10])
    except ValueError:
        return None


def moment(parent: Node, *names: str) -> datetime | None:
    """Aware UTC; a date-time without an offset is taken as UTC."""
    try:
        value = datetime.fromisoformat(text(parent, *names))
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
