"""A provider says how much room there is: one tap, told to everyone who chooses an activity for a person."""

from dataclasses import replace
from datetime import datetime

from services.directory.actions.announcing import announce
from services.directory.domain.activity import Activity, ActivityWithdrawn, Change
from services.directory.domain.capacity import CapacityStatus, state
from services.directory.store.activities import load_activity, save_activity
from services.directory.store.providers import provider_contact
from shared.runtime.actor import Actor, Role
from shared.runtime.store import Tx


class NotYourActivity(Exception):
    """Only its provider's people and stewards may speak for an activity."""

    def __init__(self) -> None:
        super().__init__("Only the group that runs this activity can say how much room it has")


async def state_capacity(
    tx: Tx, reference: str, status: CapacityStatus, places: int | None, at: datetime, *, expected: int | None = None
) -> Activity:
    """Said again, it is as fresh as said anew. Raises NoSuchActivity, NotYourActivity, ActivityWithdrawn and those of
    `capacity.state`; StaleVersion when the page it was said from is older than the listing."""
    activity = await load_activity(tx, reference)
    _may_speak_for(tx.actor, activity)
    if activity.listing.withdrawn:
        raise ActivityWithdrawn
    said = replace(activity, capacity=state(status, places, at))
    saved = await save_activity(tx, said, expected=expected)
    contact = await provider_contact(tx, saved.listing.provider.id)
    await announce(tx, Change.CAPACITY, saved, contact, at)
    return saved


def _may_speak_for(actor: Actor, activity: Activity) -> None:
    theirs = actor.may(Role.PROVIDER) and activity.listing.provider.id in actor.organisations
    if not theirs and not actor.may(Role.STEWARD, Role.SYSTEM):
        raise NotYourActivity
