"""Activities and requests for the directory's tests: an invented borough around one point of the grid."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.directory.domain.activity import Activity, Eligibility, Listing, Place, Provider
from services.directory.domain.capacity import NOTHING_SAID, Capacity, CapacityStatus
from services.directory.domain.cost import Cost, CostKind
from services.directory.domain.geography import GridPoint
from services.directory.domain.meetings import Day, Meeting
from services.directory.domain.needs import NeedGroup
from services.directory.domain.request import PlaceRequest, Urgency

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
HERE = GridPoint(560_000, 180_000)
FREE = Cost(CostKind.FREE, 0)
SPACE = UUID("5c0ffee0-0000-4000-8000-000000000000")
RIVERSIDE = Provider("riverside", "Riverside Arts")


def room(status: CapacityStatus, *, days_ago: float = 0, places: int | None = None) -> Capacity:
    return Capacity(status, places, NOW - timedelta(days=days_ago))


def listing(name: str = "Riverside Singers", *, miles: float | None = None, **said: Any) -> Listing:
    place = Place("The hall", postcode="RM17 6SL", point=None if miles is None else east_of_here(miles))
    base = Listing(name, RIVERSIDE, places=(place,) if miles is not None else ())
    return replace(base, **said)


def activity(
    name: str = "Riverside Singers", *, miles: float | None = None, capacity: Capacity = NOTHING_SAID, **said: Any
) -> Activity:
    return Activity(uuid5(SPACE, name), f"K7F-{name[:3].upper()}", listing(name, miles=miles, **said), capacity)


def east_of_here(miles: float) -> GridPoint:
    return GridPoint(HERE.easting + round(miles * 1609.344), HERE.northing)


def weekly(day: Day, opens: time | None = time(14), closes: time | None = time(16)) -> Meeting:
    return Meeting(day, opens, closes)


def aged(lowest: int | None = None, highest: int | None = None) -> Eligibility:
    return Eligibility(lowest, highest)


def request(**said: Any) -> PlaceRequest:
    sent = PlaceRequest(
        id=uuid5(SPACE, "prescription"),
        reference="M8T-2VW",
        referral="0199-referral",
        activity=uuid5(SPACE, "Riverside Singers"),
        provider="riverside",
        need=NeedGroup.SOCIAL_CONNECTION,
        urgency=Urgency.ROUTINE,
        meets_rules=True,
        sent_at=NOW - timedelta(days=2),
        answer_by=NOW + timedelta(days=5),
    )
    return replace(sent, **said)
