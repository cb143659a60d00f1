"""One tap to say how much room each of my activities has."""

from dataclasses import dataclass

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.directory.actions.rooms import state_capacity
from services.directory.domain import capacity
from services.directory.domain.activity import Activity
from services.directory.domain.capacity import CapacityStatus, PlacesOutOfRange
from services.directory.pages.cards import RoomShown
from services.directory.pages.desk import DESK, PROVIDERS
from services.directory.store.activities import activities_of
from services.directory.store.requests import to_answer
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form, whole_number
from shared.door.guard import door
from shared.door.once import Answer, once
from shared.door.problems import Invalid
from shared.runtime.ids import tidy_reference

ROOM = DESK + "/room"
CHOICES = [(status.value, capacity.LABELS[status]) for status in CapacityStatus if status is not CapacityStatus.UNKNOWN]

router = door("directory")


@dataclass(frozen=True, slots=True)
class Mine:
    """One of the caller's activities with what was last said of its room."""

    reference: str
    version: int
    name: str
    room: RoomShown


@router.get(ROOM, dependencies=[PROVIDERS], response_class=HTMLResponse)
async def show_room(caller: Caller) -> Response:
    """What link workers are told now; oldest news first."""
    return await _page(caller, {}, None)


async def _page(caller: CallerAtDoor, errors: dict[str, str], form: Form | None) -> Response:
    async with caller.transaction() as tx:
        mine = await activities_of(tx, caller.actor.organisations)
        waiting = await to_answer(tx)
    mine.sort(key=lambda each: (each.capacity.stated_at is not None, each.capacity.stated_at, each.listing.name))
    typed = form.typed if form else None
    shown, todo = [_mine(each, caller) for each in mine], {DESK: waiting}
    return caller.page("directory/room.html", errors=errors, typed=typed, mine=shown, choices=CHOICES, todo=todo)


def _mine(activity: Activity, caller: CallerAtDoor) -> Mine:
    return Mine(activity.reference, activity.version, activity.listing.name, RoomShown.of(activity, caller.now))


@router.post(ROOM, dependencies=[PROVIDERS])
async def say_room(caller: Caller) -> Response:
    """Places count beside "room now" alone; typed beside another button they are passed over."""
    form = await caller.form()
    reference, status = tidy_reference(form.text("activity")) or "", form.text("status")
    if status not in set(CapacityStatus):
        raise Invalid("Choose one of the buttons.")
    said = CapacityStatus(status)
    typed = form.text("places") if said is CapacityStatus.CAPACITY else ""
    places = whole_number(typed)
    if typed and places is None:
        return await _page(caller, {f"places-{reference}": "Places must be a whole number, like 3"}, form)
    try:
        async with caller.transaction() as tx:

            async def do() -> Answer:
                saved = await state_capacity(tx, reference, said, places, caller.now, expected=form.version)
                words = capacity.in_words(saved.capacity, caller.now)
                return Answer.onward(ROOM, confirm=f"{saved.listing.name}: {words}. Link workers see this now.")

            answer = await once(tx, form.key, form.fingerprint, do)
    except PlacesOutOfRange as error:
        return await _page(caller, {f"places-{reference}": str(error)}, form)
    return caller.answer(answer)
