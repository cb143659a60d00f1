"""Sessions with the person: those that were, the one that is booked, and the form that records or books one."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import Response

from services.referral.actions.sessions import Booking, book_session, record_session
from services.referral.domain import sessions as rules
from services.referral.domain.contacts import ContactMode
from services.referral.domain.owed import london_day
from services.referral.domain.sessions import (
    MEETING_MODES,
    SESSION_LIMIT,
    BookingInPast,
    Session,
    SessionError,
    SessionState,
)
from services.referral.pages.acting import WORKERS, Onward, act_once, clock_time, london
from services.referral.pages.contact import moment_in
from services.referral.pages.heading import heading_of
from services.referral.pages.tasks import case_path
from services.referral.pages.wording import HAPPENED, MODES, choices
from services.referral.store.caseload import CaseLine, load_line
from services.referral.store.records import load_sessions
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form, Typed, whole_number
from shared.door.guard import door
from shared.door.words import moment
from shared.runtime.store import Tx

router = door("referral")
MEETINGS = choices(MODES, [mode for mode in ContactMode if mode in MEETING_MODES])
_NEXT = "next"


async def _load(caller: CallerAtDoor, reference: str) -> tuple[CaseLine, tuple[Session, ...]]:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        return line, await load_sessions(tx, line.referral.id)


@router.get("/referral/cases/{reference}/sessions", dependencies=[WORKERS])
async def all_sessions(reference: str, caller: Caller) -> Response:
    """Every session, latest first, and how many of 12 took place."""
    line, taken = await _load(caller, reference)
    return caller.page(
        "referral/case/sessions.html",
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        sessions_held=line.sessions_held,
        sessions=taken[::-1],
        modes=MODES,
        limit_reached=line.sessions_held >= SESSION_LIMIT,
        carried=line.referral.status in ("allocated", "active"),
    )


async def _show(
    caller: CallerAtDoor,
    reference: str,
    number: int | None,
    errors: Mapping[str, str] | None = None,
    typed: Typed | None = None,
) -> Response:
    line, taken = await _load(caller, reference)
    turn = rules.next_number(taken)
    if number is not None and number != turn:
        past = next((each for each in taken if each.number == number), None)
        if past is None:
            raise rules.NoSuchSession
        return _recorded(caller, line, past)
    notes = [each for each in taken if each.note]
    return caller.page(
        "referral/case/session.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        number=turn,
        will_be=line.sessions_held + 1,
        limit=SESSION_LIMIT,
        booked=rules.booked(taken),
        last=notes[-1] if notes else None,
        happened=choices(HAPPENED),
        modes=MEETINGS,
        mode_words=MODES,
    )


def _recorded(caller: CallerAtDoor, line: CaseLine, past: Session) -> Response:
    return caller.page(
        "referral/case/session_past.html",
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        session=past,
        modes=MODES,
    )


@router.get("/referral/cases/{reference}/sessions/book", dependencies=[WORKERS])
async def booking(reference: str, caller: Caller) -> Response:
    """Book the next session by itself."""
    return await _show_booking(caller, reference)


async def _show_booking(
    caller: CallerAtDoor, reference: str, errors: Mapping[str, str] | None = None, typed: Typed | None = None
) -> Response:
    line, taken = await _load(caller, reference)
    return caller.page(
        "referral/case/booking.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        booked=rules.booked(taken),
        modes=MEETINGS,
    )


def _booking_in(form: Form, errors: dict[str, str]) -> Booking | None:
    """The next session as typed: a day, a time and how; None when all are blank."""
    if form.blank("next_on") and form.blank("next_time"):
        return None
    on, at = form.date("next_on"), clock_time(form.text("next_time"))
    if on is None:
        errors["next_on"] = "Enter the day of the next session, for example 27 11 2026"
    if at is None:
        errors["next_time"] = "Enter the time of the next session, for example 2:30pm"
    if on is None or at is None:
        return None
    mode = form.text("next_mode") or ContactMode.FACE_TO_FACE
    return Booking(london(on, at), ContactMode(mode if mode in MODES else ContactMode.FACE_TO_FACE))


@router.post("/referral/cases/{reference}/sessions/book", dependencies=[WORKERS])
async def save_booking(reference: str, caller: Caller) -> Response:
    """Book it."""
    form = await caller.form()
    errors: dict[str, str] = {}
    booked = _booking_in(form, errors)
    if booked is None:
        errors.setdefault("next_on", "Enter the day of the next session, for example 27 11 2026")
        return await _show_booking(caller, reference, errors, form.typed)
    wanted = booked

    async def act(tx: Tx) -> Onward:
        await book_session(tx, reference, wanted, caller.now)
        return Onward(case_path(reference), f"Session booked for {moment(wanted.at)}. Tell the person yourself.")

    try:
        return await act_once(caller, form, act)
    except SessionError as error:
        return await _show_booking(caller, reference, {"next_on": str(error)}, form.typed)


@router.get("/referral/cases/{reference}/sessions/{number}", dependencies=[WORKERS])
async def session(reference: str, number: str, caller: Caller) -> Response:
    """The form of the next session, or a past session as recorded."""
    return await _show(caller, reference, _number(number))


def _number(text: str) -> int | None:
    """A session's number; "next" is whichever comes next."""
    if text == _NEXT:
        return None
    number = whole_number(text)
    if number is None:
        raise rules.NoSuchSession
    return number


@router.post("/referral/cases/{reference}/sessions/{number}", dependencies=[WORKERS])
async def save_session(reference: str, number: str, caller: Caller) -> Response:
    """Record how it went, and book the next when a day was typed."""
    form = await caller.form()
    turn, errors = _number(number), dict[str, str]()
    happened, mode = form.text("happened"), form.text("mode")
    if happened not in HAPPENED:
        errors["happened"] = "Choose what happened"
    if mode not in {each["value"] for each in MEETINGS}:
        errors["mode"] = "Choose how you met"
    at, then = moment_in(form, caller.now, errors), _booking_in(form, errors)
    if errors or at is None:
        return await _show(caller, reference, turn, errors, form.typed)

    async def act(tx: Tx) -> Onward:
        saved = await record_session(
            tx,
            reference,
            number=turn,
            happened=SessionState(happened),
            at=at,
            mode=ContactMode(mode),
            note=form.text("note"),
            then=then,
            now=caller.now,
        )
        return Onward(case_path(reference), _confirm(saved, then.at if then else None))

    try:
        return await act_once(caller, form, act)
    except BookingInPast as error:
        return await _show(caller, reference, turn, {"next_on": str(error)}, form.typed)
    except SessionError as error:
        return await _show(caller, reference, None, {"happened": str(error)}, form.typed)


def _confirm(saved: Session, next_at: datetime | None) -> str:
    what = {
        SessionState.COMPLETED: f"Session {saved.held} of {SESSION_LIMIT} saved.",
        SessionState.MISSED: "The missed session is saved. It does not count.",
        SessionState.CANCELLED: "The cancelled session is saved. It does not count.",
    }[saved.state]
    return f"{what} The next is booked for {moment(next_at)}." if next_at else f"{what} No next session is booked."
