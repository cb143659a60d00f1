"""Telling the other services what is offered: the whole coarse activity each time, as its stream is compacted."""

from datetime import datetime

from services.directory.domain import meetings
from services.directory.domain.activity import Activity, Change, Place
from services.directory.domain.cost import CostKind
from services.directory.domain.geography import outward
from shared.backbone.outbox import record
from shared.events import directory as told
from shared.events.envelope import ContactRef
from shared.events.vocabulary import ListingStatus, RoomStatus
from shared.runtime.store import Tx

EVENTS: dict[
    Change, type[told.ActivityListed | told.ActivityRevised | told.ActivityWithdrawn | told.CapacityStated]
] = {
    Change.LISTED: told.ActivityListed,
    Change.REVISED: told.ActivityRevised,
    Change.WITHDRAWN: told.ActivityWithdrawn,
    Change.CAPACITY: told.CapacityStated,
}


async def announce(tx: Tx, change: Change, activity: Activity, contact: ContactRef | None, at: datetime) -> None:
    fact = EVENTS[change](activity=coarse(activity, contact))
    await record(tx, fact, subject=activity.id, key=activity.id, time=at)


def coarse(activity: Activity, contact: ContactRef | None) -> told.Activity:
    """The activity as other services need it; `contact` is how its provider is reached."""
    listing, capacity = activity.listing, activity.capacity
    first = next(iter(listing.places), Place())
    return told.Activity(
        reference=activity.reference,
        activity_name=listing.name,
        provider_id=listing.provider.id,
        provider_name=listing.provider.name,
        provider_contact=contact,
        needs=listing.needs,
        area=outward(first.postcode) or None,
        days=listing.days,
        when="; ".join(meetings.in_words(meeting) for meeting in listing.meetings),
        where=_where(first),
        minimum_age=listing.eligibility.minimum_age,
        maximum_age=listing.eligibility.maximum_age,
        eligibility=listing.eligibility.words,
        cost_pence=0 if listing.cost.kind is CostKind.FREE else listing.cost.pence,
        accessibility=listing.accessibility,
        languages=listing.languages,
        status=ListingStatus(listing.status),
        room=told.Room(status=RoomStatus(capacity.status), places=capacity.places, stated_at=capacity.stated_at),
    )


def _where(place: Place) -> str:
    parts = [place.name, *place.address, place.postcode]
    return ", ".join(dict.fromkeys(part for part in parts if part)) or ("Online" if place.online else "")
