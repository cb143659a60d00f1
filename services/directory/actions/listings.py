"""Taking in a published feed of activities: whole or not at all, and a second run changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from services.directory.actions.announcing import announce
from services.directory.domain.activity import (
    Activity,
    Eligibility,
    Listing,
    ListingStatus,
    Place,
    Provider,
    change,
)
from services.directory.domain.capacity import MOST_PLACES, NOTHING_SAID, Capacity, CapacityStatus, newer
from services.directory.domain.cost import Cost, CostKind
from services.directory.domain.geography import GridPoint
from services.directory.domain.meetings import Day, Frequency, Meeting
from services.directory.imports import listing as feed
from services.directory.imports.listing import ListingRow
from services.directory.store.activities import Kept, add_activity, free_references, kept_activities, save_activity
from services.directory.store.providers import contact_ref, name_providers, providers
from services.directory.store.revision import next_revision, take_turn
from shared.events.envelope import ContactRef
from shared.runtime.imports import Parsed, Tally
from shared.runtime.store import Tx

FEEDS = UUID("2f1a5c3e-7d0b-4f57-9c52-6b1f6d2a9e40")
STATUS = {
    feed.Standing.ACTIVE: ListingStatus.ACTIVE,
    feed.Standing.PAUSED: ListingStatus.CLOSED_FOR_NOW,
    feed.Standing.WITHDRAWN: ListingStatus.INACTIVE,
}


@dataclass(frozen=True, slots=True)
class _Run:
    """One import under way."""

    tx: Tx
    at: datetime
    contacts: Mapping[str, ContactRef | None]
    tally: Tally


async def import_activities(tx: Tx, parsed: Parsed[ListingRow], at: datetime) -> Tally:
    """Take in what a feed says of its activities; those it does not name stay as they are.

    Each one that is new or different is published. Room that the feed states counts when it is newer than what we hold.
    """
    await take_turn(tx)
    held = await kept_activities(tx)
    names = _provider_names(parsed.rows)
    await name_providers(tx, names)
    contacts = {key: contact_ref(row) for key, row in (await providers(tx)).items()}
    references = await free_references(tx, sum(row.source_id not in held for row in parsed.rows))
    run = _Run(tx, at, contacts, Tally(rejects=list(parsed.rejects)))
    for row in parsed.rows:
        before = held.get(row.source_id)
        await _take(run, row.source_id, before, _after(row, before, names, references))
    return run.tally


def _provider_names(rows: tuple[ListingRow, ...]) -> dict[str, str]:
    """One name for each provider, the first that the feed gives: feeds spell one organisation in several ways."""
    names: dict[str, str] = {}
    for row in rows:
        if row.provider is not None:
            names.setdefault(row.provider.id, row.provider.name)
    return names


def _after(row: ListingRow, before: Activity | None, names: dict[str, str], references: list[str]) -> Activity:
    listing = _listing(row, Provider(row.provider.id, names[row.provider.id]) if row.provider else Provider("", ""))
    held = before.capacity if before else NOTHING_SAID
    capacity = newer(held, _capacity(row.room)) if row.room else held
    if before is None:
        return Activity(activity_id(row.source_id), references.pop(), listing, capacity)
    return Activity(before.id, before.reference, listing, capacity, before.version)


async def _take(run: _Run, source_id: str, before: Activity | None, after: Activity) -> None:
    changed = change(before, after)
    if changed is None:
        run.tally.unchanged += 1
        return
    revision = await next_revision(run.tx)
    if before is None:
        add_activity(run.tx, Kept(source_id, after), revision)
        run.tally.added += 1
    else:
        await save_activity(run.tx, after, revision=revision)
        run.tally.changed += 1
    await announce(run.tx, changed, after, run.contacts.get(after.listing.provider.id), run.at)


def activity_id(source_id: str) -> UUID:
    """The feed's own id where it is a UUID, as the standard asks; else one made from it, the same each time."""
    try:
        return UUID(source_id)
    except ValueError:
        return uuid5(FEEDS, source_id)


def _listing(row: ListingRow, provider: Provider) -> Listing:
    return Listing(
        name=row.name,
        provider=provider,
        description=row.description or row.summary,
        status=STATUS[row.standing],
        needs=row.needs,
        places=tuple(_place(place) for place in row.places),
        meetings=tuple(_meeting(slot) for slot in row.slots),
        cost=Cost(CostKind(row.cost.kind), row.cost.pence, row.cost.text),
        eligibility=Eligibility(row.eligibility.minimum_age, row.eligibility.maximum_age, row.eligibility.text),
        how_to_join=row.how_to_join,
        accessibility=row.accessibility,
        accessibility_words=row.accessibility_text,
        languages=row.languages,
        url=row.url,
        email=row.email,
        phone=row.phone,
        assured_on=row.assured_on,
    )


def _place(place: feed.Place) -> Place:
    located = place.easting is not None and place.northing is not None
    point = GridPoint(place.easting or 0, place.northing or 0) if located else None
    return Place(place.name, place.address, place.postcode, point, place.online)


def _meeting(slot: feed.Slot) -> Meeting:
    monthly = slot.frequency == Frequency.MONTHLY
    day = Day(slot.day) if slot.day else None
    return Meeting(day, slot.opens, slot.closes, Frequency.MONTHLY if monthly else Frequency.WEEKLY, slot.text)


def _capacity(room: feed.Room) -> Capacity:
    """Places count only beside room now, and only as many as a group can have."""
    status = CapacityStatus(room.status)
    known = status is CapacityStatus.CAPACITY and room.available is not None and 1 <= room.available <= MOST_PLACES
    return Capacity(status, room.available if known else None, room.stated_at)
