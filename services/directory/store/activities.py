"""Activities, to and from their row; a change is saved over the version that was read."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from services.directory.domain.activity import Activity, Eligibility, Listing, ListingStatus, Provider
from services.directory.domain.capacity import Capacity, CapacityStatus
from services.directory.domain.cost import Cost, CostKind
from services.directory.store.documents import meetings_in, meetings_out, places_in, places_out
from services.directory.store.revision import next_revision
from services.directory.store.rows import ActivityRow, ProviderRow
from shared.runtime.ids import new_reference
from shared.runtime.store import StaleVersion, Tx

PLAIN = ("name", "description", "how_to_join", "accessibility_words", "url", "email", "phone", "assured_on")
LISTS = ("needs", "accessibility", "languages")
WITHDRAWN = (ListingStatus.INACTIVE, ListingStatus.DEFUNCT)


class NoSuchActivity(LookupError):
    """Nothing is listed under this reference or id."""

    def __init__(self) -> None:
        super().__init__("There is no such activity. Check the reference")


@dataclass(frozen=True, slots=True)
class Kept:
    """An activity with what its feed calls it."""

    source_id: str
    activity: Activity


def _to_activity(row: ActivityRow, provider: str | None) -> Activity:
    listing = Listing(
        provider=Provider(row.provider_id or "", provider or ""),
        status=ListingStatus(row.status),
        places=places_in(row.places),
        meetings=meetings_in(row.meetings),
        cost=Cost(CostKind(row.cost_kind), row.cost_pence, row.cost_words),
        eligibility=Eligibility(row.minimum_age, row.maximum_age, row.eligibility_words),
        needs=tuple(row.needs),
        accessibility=tuple(row.accessibility),
        languages=tuple(row.languages),
        **{name: getattr(row, name) for name in PLAIN},
    )
    capacity = Capacity(CapacityStatus(row.room_status), row.room_places, row.room_stated_at)
    return Activity(row.id, row.reference, listing, capacity, row.version)


def _columns(activity: Activity) -> dict[str, Any]:
    listing, capacity = activity.listing, activity.capacity
    return {
        "provider_id": listing.provider.id or None,
        "status": listing.status,
        "places": places_out(listing.places),
        "meetings": meetings_out(listing.meetings),
        "cost_kind": listing.cost.kind,
        "cost_pence": listing.cost.pence,
        "cost_words": listing.cost.words,
        "minimum_age": listing.eligibility.minimum_age,
        "maximum_age": listing.eligibility.maximum_age,
        "eligibility_words": listing.eligibility.words,
        "room_status": capacity.status,
        "room_places": capacity.places,
        "room_stated_at": capacity.stated_at,
        **{name: getattr(listing, name) for name in PLAIN},
        **{name: list(getattr(listing, name)) for name in LISTS},
    }


async def _kept(tx: Tx, *where: ColumnElement[bool]) -> list[Kept]:
    wanted = select(ActivityRow, ProviderRow.name).join(ProviderRow, isouter=True).where(*where)
    found = (await tx.session.exec(wanted.order_by(ActivityRow.name, col(ActivityRow.id)))).all()
    return [Kept(row.source_id, _to_activity(row, provider)) for row, provider in found]


async def kept_activities(tx: Tx) -> dict[str, Activity]:
    """Everything that was ever listed, by what its feed calls it."""
    return {kept.source_id: kept.activity for kept in await _kept(tx)}


async def changed_since(tx: Tx, revision: int) -> list[Activity]:
    """What was written after that revision of the directory; 0 is everything."""
    return [kept.activity for kept in await _kept(tx, col(ActivityRow.revision) > revision)]


async def load_activity(tx: Tx, reference: str) -> Activity:
    """The activity as it stands. Raises NoSuchActivity."""
    return await _one(tx, col(ActivityRow.reference) == reference)


async def load_activity_by_id(tx: Tx, activity_id: UUID) -> Activity:
    """Likewise by id: what events name it by."""
    return await _one(tx, col(ActivityRow.id) == activity_id)


async def _one(tx: Tx, which: ColumnElement[bool]) -> Activity:
    found = await _kept(tx, which)
    if not found:
        raise NoSuchActivity
    return found[0].activity


async def load_activities(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Activity]:
    """Several by id, withdrawn or not."""
    return {kept.activity.id: kept.activity for kept in await _kept(tx, col(ActivityRow.id).in_(list(ids)))}


async def activities_of(tx: Tx, providers: Collection[str]) -> list[Activity]:
    """What these providers run, by name, without what was withdrawn."""
    where = col(ActivityRow.provider_id).in_(list(providers)), col(ActivityRow.status).not_in(WITHDRAWN)
    return [kept.activity for kept in await _kept(tx, *where)]


def add_activity(tx: Tx, kept: Kept, revision: int) -> None:
    """`revision` is that of the change it is part of."""
    activity = kept.activity
    columns = _columns(activity)
    row = ActivityRow(
        id=activity.id, reference=activity.reference, source_id=kept.source_id, revision=revision, **columns
    )
    tx.session.add(row)


async def save_activity(
    tx: Tx, activity: Activity, *, expected: int | None = None, revision: int | None = None
) -> Activity:
    """Write a changed activity over the version that was read (or that its form was drawn from, `expected`)."""
    read = activity.version if expected is None else expected
    number = await next_revision(tx) if revision is None else revision
    where = col(ActivityRow.id) == activity.id, col(ActivityRow.version) == read
    changed = update(ActivityRow).where(*where).values(**_columns(activity), version=read + 1, revision=number)
    if (await tx.session.exec(changed)).rowcount != 1:
        raise StaleVersion
    return replace(activity, version=read + 1)


async def free_references(tx: Tx, count: int) -> list[str]:
    """So many short references that no activity has yet; the unique constraint settles two imports at one moment."""
    found: set[str] = set()
    while len(found) < count:
        found.update(new_reference() for _ in range(count - len(found)))
        taken = select(ActivityRow.reference).where(col(ActivityRow.reference).in_(found))
        found.difference_update((await tx.session.exec(taken)).all())
    return sorted(found)
