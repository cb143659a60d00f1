"""One activity as a feed describes it, in plain text and our own terms, before it is compared with what we hold."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Standing(StrEnum):
    """Open Referral UK's active; temporarily closed; inactive and defunct are both withdrawn."""

    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class CostKind(StrEnum):
    FREE = "free"
    PAID = "paid"
    NOT_STATED = "not-stated"


class RoomStatus(StrEnum):
    """Gravity's four capacity codes (HL7 SDOH Clinical Care, STU 3)."""

    CAPACITY = "capacity"
    NO_CAPACITY = "no-capacity"
    WAITLIST = "waitlist"
    ASSESSMENT = "additional-assessment-required"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who runs it. `email`, `phone` and `url` are "" where the feed gives none that can be used."""

    id: str
    name: str
    description: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happens. `easting` and `northing` are British National Grid metres, both or neither."""

    name: str = ""
    address: tuple[str, ...] = ()
    postcode: str = ""
    easting: int | None = None
    northing: int | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """When it happens. `day` is MO … SU; `frequency` weekly or monthly; clock times are London's."""

    day: str | None = None
    opens: time | None = None
    closes: time | None = None
    frequency: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """`pence` is what a person ordinarily pays each time, when the feed says; concessions are in `text`."""

    kind: CostKind = CostKind.NOT_STATED
    pence: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whole years, both ends included."""

    minimum_age: int | None = None
    maximum_age: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """Places as the provider last stated them; `stated_at` is aware UTC."""

    status: RoomStatus
    available: int | None = None
    maximum: int | None = None
    stated_at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A whole listing. `provider` is None where the feed names no organisation; `needs` are codes of Kith's reasons,
    `accessibility` codes of accessibility.json, `languages` names in English. `assured_on` is when somebody last said
    that it was right, `revised_on` when it was last edited. Email, phone and url are the listing's own, else its
    provider's. `notes` say what of the feed was left out of this listing.
    """

    source_id: str
    name: str
    summary: str
    description: str
    standing: Standing
    provider: Provider | None
    email: str
    phone: str
    url: str
    places: tuple[Place, ...]
    slots: tuple[Slot, ...]
    cost: Cost
    eligibility: Eligibility
    how_to_join: str
    accessibility: tuple[str, ...]
    accessibility_text: str
    languages: tuple[str, ...]
    needs: tuple[str, ...]
    room: Room | None
    assured_on: date | None
    revised_on: date | None
    notes: tuple[str, ...]
