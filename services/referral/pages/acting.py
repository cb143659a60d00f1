"""How a page of a case acts on what was sent: once for each form, in one transaction, then on to the next page."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from fastapi import Response

from shared.door.caller import CallerAtDoor
from shared.door.forms import Form
from shared.door.guard import allow
from shared.door.once import Answer, once
from shared.runtime.actor import Role
from shared.runtime.clock import LONDON
from shared.runtime.store import Tx

WORKERS = allow(Role.LINK_WORKER, Role.TEAM_LEAD)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?")


@dataclass(frozen=True, slots=True)
class Onward:
    """Where the page goes after the act, and what it confirms there: what was done, who is told, what is next."""

    to: str
    confirm: str


async def act_once(caller: CallerAtDoor, form: Form, act: Callable[[Tx], Awaitable[Onward]]) -> Response:
    """Act, unless this very form has been acted on: then go where it went the first time."""
    async with caller.transaction() as tx:

        async def answered() -> Answer:
            onward = await act(tx)
            return Answer.onward(onward.to, confirm=onward.confirm)

        answer = await once(tx, form.key or None, form.fingerprint, answered)
    return caller.answer(answer)


def clock_time(text: str) -> time | None:
    """A time of day as people write it: "2pm", "2:30pm", "14:30", "midday"; None when it is none."""
    words = text.strip().lower()
    if words in ("midday", "noon", "12 noon"):
        return time(12)
    found = _CLOCK.fullmatch(words)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def london(day: date, at: time) -> datetime:
    """The moment of a London day and time."""
    return datetime.combine(day, at, LONDON)
