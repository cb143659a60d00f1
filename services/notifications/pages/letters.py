"""Letters to print: the list, the sheet itself, and "I have posted it"."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import HTMLResponse

from services.notifications.actions import letters
from services.notifications.actions.scope import sees_the_borough
from services.notifications.domain.contact import Contact
from services.notifications.domain.email import FORMATS
from services.notifications.domain.telling import Occasion
from services.notifications.pages.labels import OCCASIONS
from services.notifications.store import heard, reading
from services.notifications.store.rows import MessageRow
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.once import Answer, once
from shared.runtime.actor import Role
from shared.runtime.store import Tx

router = door("notifications")
PATH = "/notifications/letters"
PRINTERS = allow(Role.TEAM_LEAD, Role.LINK_WORKER)


@dataclass(frozen=True, slots=True)
class ToPrint:
    """One row of the list."""

    reference: str
    name: str
    about: str
    happened_at: datetime


def _to_print(row: MessageRow, contact: Contact | None) -> ToPrint:
    name = contact.full_name if contact else ""
    return ToPrint(row.reference or "", name, OCCASIONS[Occasion(row.occasion)], row.happened_at)


async def _waiting(tx: Tx, after: str) -> tuple[list[ToPrint], int]:
    """One page of the letters and one more, if there is one; and how many wait in all."""
    borough = sees_the_borough(tx.actor)
    rows, total = await reading.letters_to_print(tx, tx.actor.organisations, after, borough=borough)
    contacts = await heard.contacts(tx, (row.contact_id for row in rows if row.contact_id))
    return [_to_print(row, contacts.get(row.contact_id) if row.contact_id else None) for row in rows], total


@router.get(PATH, dependencies=[PRINTERS], response_class=HTMLResponse)
async def letters_to_print(caller: Caller, after: Annotated[str, Query(max_length=10)] = "") -> Response:
    """The letters of the caller's networks that wait for a printer, longest waiting first."""
    async with caller.transaction() as tx:
        waiting, total = await _waiting(tx, after)
    shown, more = waiting[: reading.PAGE], len(waiting) > reading.PAGE
    return caller.page(
        "notifications/letters.html",
        letters=shown,
        total=total,
        further=f"{PATH}?after={shown[-1].reference}" if more else "",
        todo={PATH: total},
    )


@router.get("/notifications/letters/{reference}", dependencies=[PRINTERS], response_class=HTMLResponse)
async def letter(reference: str, caller: Caller) -> Response:
    """One letter on an A4 sheet."""
    async with caller.transaction() as tx:
        found = await letters.find_letter(tx, reference, caller.actor.organisations, caller.now)
    to = [found.to.full_name, *found.to.address_lines, found.to.postcode]
    return caller.page("notifications/letter.html", letter=found, to=[line for line in to if line], formats=FORMATS)


@router.post("/notifications/letters/{reference}/posted", dependencies=[PRINTERS])
async def post_letter(reference: str, caller: Caller) -> Response:
    """Somebody printed the letter and posted it."""
    form = await caller.form()

    async def posted() -> Answer:
        networks = caller.actor.organisations
        await letters.post_letter(tx, reference, networks, expected=form.version, now=caller.now)
        return Answer.onward("/notifications/letters", confirm=f"Letter {reference} is marked as posted.")

    async with caller.transaction() as tx:
        answer = await once(tx, form.key, form.fingerprint, posted)
    return caller.answer(answer)
