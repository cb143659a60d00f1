"""How many places a listing says are left: Kith's own field or HSDS 3.1's; Open Referral UK 3.0 has none."""

from services.directory.imports.fields import Node, moment, nodes, text, whole
from services.directory.imports.listing import Room, RoomStatus
from services.directory.imports.plain_text import one_line


def room(service: Node, notes: list[str]) -> Room | None:
    stated = next(iter(nodes(service, "capacity", "capacities")), None)
    if stated is None:
        return None
    status = _status(stated)
    if status is None:
        notes.append("capacity left out: neither a known status nor a number of places")
        return None
    return Room(
        status=status,
        available=whole(stated, "available"),
        maximum=whole(stated, "maximum"),
        stated_at=moment(stated, "updated"),
        text=one_line(text(stated, "description"), 300),
    )


def _status(stated: Node) -> RoomStatus | None:
    code, available = text(stated, "status"), whole(stated, "available")
    if code:
        return RoomStatus(code) if code in set(RoomStatus) else None
    if available is None:
        return None
    return RoomStatus.CAPACITY if available else RoomStatus.NO_CAPACITY
