"""Everything that happened on a case, in words: newest day first, oldest first within it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from fastapi import Response

from services.referral.domain.owed import london_day
from services.referral.pages.acting import WORKERS
from services.referral.pages.heading import heading_of
from services.referral.pages.wording import (
    AUDIENCES,
    CLOSURES,
    DECLINES,
    GROUPS,
    HAPPENED,
    MESSAGE_REASONS,
    MODES,
    NEWS,
    OUTCOMES,
    STAGES,
    UNMET,
)
from services.referral.store.caseload import load_line
from services.referral.store.timeline import Happened, load_timeline
from shared.door.caller import Caller
from shared.door.guard import door
from shared.door.words import short_day

router = door("referral")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the timeline."""

    at: datetime
    title: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class OneDay:
    day: date
    entries: list[Entry]


Told = tuple[str, str]


def _made(each: Happened) -> Told:
    return ("Referred themself" if each.one == "self" else "Referral made"), ""


def _contact(each: Happened) -> Told:
    return f"{MODES[each.one]}: {OUTCOMES[each.two].lower()}", each.three


def _session(each: Happened) -> Told:
    return f"Session {HAPPENED[each.one].lower()}, {MODES[each.two].lower()}", each.three


def _plan(each: Happened) -> Told:
    return f"Plan agreed, version {each.one}", f"Agreed on {short_day(date.fromisoformat(each.two))}"


def _outcome(each: Happened) -> Told:
    asked = f"Not asked: {each.two}" if each.two else ""
    return f"Well-being, {STAGES[each.one].lower()}", asked


def _asked(each: Happened) -> Told:
    return f"Place asked for: {each.one}", f"Request {each.two}"


def _news(each: Happened) -> Told:
    if each.one in ("declined_by_person", "entered_in_error"):
        return f"{each.two}: {NEWS[each.one]}", ""
    return f"{each.two} {NEWS[each.one]}", _detail(each.three)


def _detail(text: str) -> str:
    """A reason in words, or a day."""
    if text in DECLINES:
        return f"Reason: {DECLINES[text]}"
    return short_day(date.fromisoformat(text)) if text else ""


def _unmet(each: Happened) -> Told:
    return f"Unmet need: {GROUPS[each.one].lower()}", UNMET[each.two]


def _message(each: Happened) -> Told:
    reason = f"Because {MESSAGE_REASONS.get(each.three, each.three)}" if each.three else ""
    went = {"sent": "sent", "failed": "did not go", "withheld": "withheld"}[each.one]
    return f"Message to {AUDIENCES[each.two]} {went}", reason


def _note(each: Happened) -> Told:
    whose = "from this person" if each.one == "is" else "that may be from this person"
    return f"A self-referral {whose}", each.two


def _closed(each: Happened) -> Told:
    return f"Case closed: {CLOSURES[each.one].lower()}", each.two


_WORDS: Mapping[str, Callable[[Happened], Told]] = {
    "made": _made,
    "allocated": lambda each: (f"Allocated to {each.one}", ""),
    "contact": _contact,
    "session": _session,
    "plan": _plan,
    "outcome": _outcome,
    "asked": _asked,
    "news": _news,
    "signpost": lambda each: (f"Told about {each.one}", "Signposted: nobody was asked for a place"),
    "unmet": _unmet,
    "message": _message,
    "note": _note,
    "closed": _closed,
}


def entries_of(happened: Iterable[Happened]) -> list[Entry]:
    """What happened, in words, oldest first."""
    return [Entry(each.at, title, each.by, text) for each in happened for title, text in [_WORDS[each.kind](each)]]


def by_day(entries: list[Entry]) -> list[OneDay]:
    """Newest day first, oldest first within it."""
    days = [OneDay(day, list(group)) for day, group in groupby(entries, key=lambda each: london_day(each.at))]
    return days[::-1]


@router.get("/referral/cases/{reference}/history", dependencies=[WORKERS])
async def history(reference: str, caller: Caller) -> Response:
    """The whole history on one page: a case has tens of entries, not thousands."""
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        happened = await load_timeline(tx, line.referral.id)
    return caller.page(
        "referral/case/history.html",
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        sessions_held=line.sessions_held,
        days=by_day(entries_of(happened)),
    )
