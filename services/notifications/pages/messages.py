"""What became of each message, without its words or where it went; and sending a lost one again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import HTMLResponse

from services.notifications.actions import letters
from services.notifications.actions.letters import NoSuchMessage
from services.notifications.actions.scope import networks_of
from services.notifications.domain.delivery import State, Waiting
from services.notifications.domain.telling import Audience, Occasion
from services.notifications.pages.labels import AUDIENCES, OCCASIONS, REASONS, WAITING
from services.notifications.store import heard, reading
from services.notifications.store.rows import MessageRow
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.once import Answer, once
from shared.runtime.actor import Role
from shared.runtime.store import Tx

router = door("notifications")
WATCHERS = allow(Role.OPERATOR, Role.TEAM_LEAD)
PATH = "/notifications/messages"


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the list."""

    id: UUID
    version: int
    state: str
    about: str
    to: str
    happened_at: datetime
    detail: str
    again: bool
    reference: str


def shown(row: MessageRow, reference: str) -> Shown:
    """A message as the list shows it; `reference` is its referral's, or ""."""
    detail = REASONS.get(row.reason, "") or WAITING.get(Waiting(row.waiting), "")
    again = State(row.state) in (State.FAILED, State.UNSURE)
    about, to = OCCASIONS[Occasion(row.occasion)], AUDIENCES[Audience(row.audience)]
    return Shown(row.id, row.version, row.state, about, to, row.happened_at, detail, again, reference)


def _older(rows: list[MessageRow], state: State | None) -> str:
    if len(rows) <= reading.PAGE:
        return ""
    asked = {"state": state} if state else {}
    return f"{PATH}?{urlencode(asked | {'before': str(rows[reading.PAGE - 1].id)})}"


async def _references(tx: Tx, rows: list[MessageRow]) -> Mapping[UUID, str]:
    """The referrals' references, for a team lead to find the case by; an operator has no use for them."""
    if not tx.actor.may(Role.TEAM_LEAD):
        return {}
    return await heard.references(tx, (row.referral_id for row in rows))


@router.get(PATH, dependencies=[WATCHERS], response_class=HTMLResponse)
async def messages(
    caller: Caller, state: Annotated[State | None, Query()] = None, before: Annotated[UUID | None, Query()] = None
) -> Response:
    """The newest messages first, by state."""
    async with caller.transaction() as tx:
        counts = await reading.counts(tx, networks_of(caller.actor))
        rows = list(await reading.latest(tx, state, before, networks_of(caller.actor)))
        references = await _references(tx, rows)
    newest = [shown(row, references.get(row.referral_id, "")) for row in rows[: reading.PAGE]]
    older, states = _older(rows, state), list(State)
    total = counts.get(state, 0) if state else sum(counts.values())
    return caller.page(
        "notifications/messages.html",
        messages=newest,
        counts=counts,
        total=total,
        chosen=state,
        older=older,
        states=states,
    )


@router.post(f"{PATH}/again", dependencies=[WATCHERS])
async def send_again(caller: Caller) -> Response:
    """Send a failed or lost message once more, because a person decided so."""
    form = await caller.form()
    try:
        message_id = UUID(form.text("message"))
    except ValueError as error:
        raise NoSuchMessage("There is no such message.") from error

    async def again() -> Answer:
        await letters.send_again(tx, message_id, networks_of(caller.actor), expected=form.version)
        return Answer.onward(PATH, confirm="The message is queued and will go within a minute.")

    async with caller.transaction() as tx:
        answer = await once(tx, form.key, form.fingerprint, again)
    return caller.answer(answer)
