"""An activity: what a group offers, to whom, where and when."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.directory.domain.capacity import NOTHING_SAID, Capacity
from services.directory.domain.cost import NOT_STATED, Cost
from services.directory.domain.geography import GridPoint
from services.directory.domain.meetings import Day, Meeting

REMOTE = frozenset({"online", "by-phone", "home-visit"})


class ListingStatus(StrEnum):
    """As Open Referral UK writes it; inactive and defunct are both withdrawn."""

    ACTIVE = "active"
    CLOSED_FOR_NOW = "temporarily closed"
    INACTIVE = "inactive"
    DEFUNCT = "defunct"


class ActivityWithdrawn(ValueError):
    """It is no longer offered, so nothing can be said of its room."""

    def __init__(self) -> None:
        super().__init__("This activity is no longer listed")


@dataclass(frozen=True, slots=True)
class Provider:
    """The organisation that runs an activity. `id` is the one its people's rights name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happens. `point` None: nowhere that its feed puts on the grid; its postcode may still."""

    name: str = ""
    address: tuple[str, ...] = ()
    postcode: str = ""
    point: GridPoint | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who it is for; ages in whole years, both included; None: no limit said."""

    minimum_age: int | None = None
    maximum_age: int | None = None
    words: str = ""


EVERYONE = Eligibility()


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed says of an activity.

    `needs` are codes of Kith's reasons, `accessibility` codes of `accessibility.py`, `languages` names in English;
    `assured_on` is when somebody last said that it is right. A provider without an id cannot be asked for a place.
    """

    name: str
    provider: Provider
    description: str = ""
    status: ListingStatus = ListingStatus.ACTIVE
    needs: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    cost: Cost = NOT_STATED
    eligibility: Eligibility = EVERYONE
    how_to_join: str = ""
    accessibility: tuple[str, ...] = ()
    accessibility_words: str = ""
    languages: tuple[str, ...] = ()
    url: str = ""
    email: str = ""
    phone: str = ""
    assured_on: date | None = None

    @property
    def withdrawn(self) -> bool:
        return self.status in (ListingStatus.INACTIVE, ListingStatus.DEFUNCT)

    @property
    def online(self) -> bool:
        """No distance keeps a person from it."""
        return any(place.online for place in self.places) or not REMOTE.isdisjoint(self.accessibility)

    @property
    def days(self) -> tuple[Day, ...]:
        """The days it meets on, Monday first."""
        met = {meeting.day for meeting in self.meetings}
        return tuple(day for day in Day if day in met)


@dataclass(frozen=True, slots=True)
class Activity:
    """A listing in Kith's directory, with the room its provider last stated. `version` counts its changes from 1."""

    id: UUID
    reference: str
    listing: Listing
    capacity: Capacity = NOTHING_SAID
    version: int = 1


class Change(StrEnum):
    """What others are to be told of an activity."""

    LISTED = "listed"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    CAPACITY = "capacity-stated"


def change(before: Activity | None, after: Activity) -> Change | None:
    """What is new about an activity; None: nothing. One that comes back is listed anew."""
    was_there = before is not None and not before.listing.withdrawn
    if after.listing.withdrawn:
        return Change.WITHDRAWN if before is None or before.listing != after.listing else None
    if before is None or not was_there:
        return Change.LISTED
    if before.listing != after.listing:
        return Change.REVISED
    return Change.CAPACITY if before.capacity != after.capacity else None


def eligibility_in_words(eligibility: Eligibility) -> str:
    """ "Aged 18 to 65"; "Aged 50 and over"; "Everyone"."""
    lowest, highest = eligibility.minimum_age, eligibility.maximum_age
    if lowest and highest is not None:
        ages = f"Aged {lowest} to {highest}"
    elif lowest:
        ages = f"Aged {lowest} and over"
    else:
        ages = f"Aged {highest} and under" if highest is not None else ""
    return ". ".join(part for part in (ages, eligibility.words.rstrip(".")) if part) or "Everyone"
