"""Room: what a provider last said about places, how long ago, and how far that can still be believed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp2
from zoneinfo import ZoneInfo

TOO_OLD = timedelta(days=90)
HALF_LIFE = timedelta(days=30)
LONDON = ZoneInfo("Europe/London")
MOST_PLACES = 999


class CapacityStatus(StrEnum):
    """The four codes of Gravity's SDOH guide (STU 3), and none said."""

    CAPACITY = "capacity"
    WAITLIST = "waitlist"
    NO_CAPACITY = "no-capacity"
    ASSESSMENT = "additional-assessment-required"
    UNKNOWN = "unknown"


class PlacesWithoutRoom(ValueError):
    """A number of places goes with room now, and with nothing else."""

    def __init__(self) -> None:
        super().__init__("Only say how many places there are when there is room now")


class PlacesOutOfRange(ValueError):
    """A number of places is a whole number that a group can have."""

    def __init__(self) -> None:
        super().__init__(f"Places must be between 1 and {MOST_PLACES}")


@dataclass(frozen=True, slots=True)
class Capacity:
    """`places` only beside room now, None when not said; `stated_at` aware UTC, None when nothing was ever said."""

    status: CapacityStatus = CapacityStatus.UNKNOWN
    places: int | None = None
    stated_at: datetime | None = None


NOTHING_SAID = Capacity()
LABELS = {
    CapacityStatus.CAPACITY: "Room now",
    CapacityStatus.WAITLIST: "Waiting list",
    CapacityStatus.NO_CAPACITY: "Full",
    CapacityStatus.ASSESSMENT: "Ask first",
    CapacityStatus.UNKNOWN: "Not known",
}
# How likely a person is to be given a place when it was said today. Our judgement: only the order is claimed.
CHANCES = {
    CapacityStatus.CAPACITY: 0.9,
    CapacityStatus.ASSESSMENT: 0.65,
    CapacityStatus.UNKNOWN: 0.5,
    CapacityStatus.WAITLIST: 0.25,
    CapacityStatus.NO_CAPACITY: 0.05,
}


def state(status: CapacityStatus, places: int | None, at: datetime) -> Capacity:
    """What a provider says now. Raises PlacesWithoutRoom, PlacesOutOfRange."""
    if places is not None and status is not CapacityStatus.CAPACITY:
        raise PlacesWithoutRoom
    if places is not None and not 1 <= places <= MOST_PLACES:
        raise PlacesOutOfRange
    return Capacity(status, places, at)


def newer(held: Capacity, said: Capacity) -> Capacity:
    """The later of two statements; one without a time cannot age, so it never counts."""
    if said.stated_at is None or (held.stated_at is not None and held.stated_at >= said.stated_at):
        return held
    return said


def believed(capacity: Capacity, now: datetime) -> CapacityStatus:
    """What can still be said: after three months of silence, nothing."""
    if capacity.stated_at is None or now - capacity.stated_at > TOO_OLD:
        return CapacityStatus.UNKNOWN
    return capacity.status


def chance_of_room(capacity: Capacity, now: datetime) -> float:
    """0 to 1; fades from what was said towards "not known", by half every thirty days."""
    unknown = CHANCES[CapacityStatus.UNKNOWN]
    status = believed(capacity, now)
    if capacity.stated_at is None or status is CapacityStatus.UNKNOWN:
        return unknown
    age = max(now - capacity.stated_at, timedelta())
    return unknown + (CHANCES[status] - unknown) * exp2(-(age / HALF_LIFE))


def in_words(capacity: Capacity, now: datetime) -> str:
    """ "Room for 3, said 2 weeks ago"."""
    if capacity.stated_at is None or capacity.status is CapacityStatus.UNKNOWN:
        return "Room not known"
    if believed(capacity, now) is CapacityStatus.UNKNOWN:
        return f"Room not known, last said {age_in_words(capacity.stated_at, now)}"
    return f"{_said(capacity)}, said {age_in_words(capacity.stated_at, now)}"


def beside_its_tag(capacity: Capacity, now: datetime) -> str:
    """What the tag leaves to say: "Room for 3, said 2 weeks ago", "Said 2 weeks ago", "Room not known"."""
    if capacity.stated_at is None or capacity.status is CapacityStatus.UNKNOWN:
        return "Room not known"
    age = age_in_words(capacity.stated_at, now)
    if believed(capacity, now) is CapacityStatus.UNKNOWN:
        return f"Room last said {age}"
    return f"Room for {capacity.places}, said {age}" if capacity.places else f"Said {age}"


def _said(capacity: Capacity) -> str:
    return f"Room for {capacity.places}" if capacity.places else LABELS[capacity.status]


def age_in_words(then: datetime, now: datetime) -> str:
    """ "today", "yesterday", "5 days ago", "2 weeks ago", "4 months ago". A time ahead of us counts as today."""
    days = max((now.astimezone(LONDON).date() - then.astimezone(LONDON).date()).days, 0)
    if days < 2:
        return ("today", "yesterday")[days]
    if days < 14:
        return f"{days} days ago"
    if days < 61:
        return f"{days // 7} weeks ago"
    return f"{days // 30} months ago" if days < 730 else f"{days // 365} years ago"
