"""What the community offers: each event carries the whole coarse activity, since its stream is compacted."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.events.envelope import ContactRef, Fact, Moment
from shared.events.vocabulary import ListingStatus, RoomStatus


class Room(BaseModel):
    """What the provider said about room, and when they said it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: RoomStatus = RoomStatus.UNKNOWN
    places: int | None = Field(default=None, ge=0)
    stated_at: Moment | None = None


class Activity(BaseModel):
    """An activity as other services need it: enough to prescribe while the directory is down.

    `needs` are Kith's reason codes, `days` the two-letter codes of iCalendar (MO … SU), `cost_pence` 0 when free and
    None when not known, `area` the outward part of the venue's postcode.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    reference: str
    activity_name: str
    provider_id: str
    provider_name: str
    provider_contact: ContactRef | None = None
    needs: tuple[str, ...] = ()
    area: str | None = None
    days: tuple[str, ...] = ()
    when: str = ""
    where: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    eligibility: str = ""
    cost_pence: int | None = None
    accessibility: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    status: ListingStatus = ListingStatus.ACTIVE
    room: Room = Room()


class _AboutActivity(Fact):
    activity: Activity


class ActivityListed(_AboutActivity):
    """An activity came into the directory."""

    name: ClassVar[str] = "activity-listed"


class ActivityRevised(_AboutActivity):
    """What is known about an activity is different now."""

    name: ClassVar[str] = "activity-revised"


class ActivityWithdrawn(_AboutActivity):
    """An activity is no longer offered."""

    name: ClassVar[str] = "activity-withdrawn"


class CapacityStated(_AboutActivity):
    """The provider said how much room there is."""

    name: ClassVar[str] = "capacity-stated"
