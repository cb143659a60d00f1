"""Record an attempt to reach the person, beside the rule for reaching them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from fastapi import Response

from services.referral.actions.contact_attempts import record_contact
from services.referral.domain.contacts import ContactError, ContactMode, ContactOutcome, VoicemailUnsafe
from services.referral.domain.owed import CONTACT_WORKING_DAYS, london_day
from services.referral.pages.acting import WORKERS, Onward, act_once, clock_time, london
from services.referral.pages.heading import heading_of
from services.referral.pages.tasks import case_path
from services.referral.pages.wording import MODES, OUTCOMES, choices, ordinal
from services.referral.store.caseload import load_line
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form, Typed
from shared.door.guard import door
from shared.door.words import day
from shared.runtime.clock import add_working_days
from shared.runtime.store import Tx

router = door("referral")


async def _show(
    caller: CallerAtDoor, reference: str, errors: Mapping[str, str] | None = None, typed: Typed | None = None
) -> Response:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
    rules = line.person.contact
    safe = rules.voicemail_safe and not rules.unsafe
    outcomes = [each for each in ContactOutcome if safe or each is not ContactOutcome.LEFT_MESSAGE]
    return caller.page(
        "referral/case/contact.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        attempt=ordinal(line.facts.attempts + 1).lower(),
        person=line.person,
        modes=choices(MODES),
        outcomes=choices(OUTCOMES, outcomes),
    )


@router.get("/referral/cases/{reference}/contact", dependencies=[WORKERS])
async def contact(reference: str, caller: Caller) -> Response:
    """The form, with the number and the rule for using it."""
    return await _show(caller, reference)


@dataclass(frozen=True, slots=True)
class _Tried:
    mode: ContactMode
    outcome: ContactOutcome
    at: datetime


def _read(form: Form, now: datetime) -> _Tried | dict[str, str]:
    """What was typed, or a message to each field that cannot be read."""
    errors: dict[str, str] = {}
    if form.text("mode") not in MODES:
        errors["mode"] = "Choose how you tried to reach them"
    if form.text("outcome") not in OUTCOMES:
        errors["outcome"] = "Choose what came of it"
    at = moment_in(form, now, errors)
    if errors or at is None:
        return errors
    return _Tried(ContactMode(form.text("mode")), ContactOutcome(form.text("outcome")), at)


def moment_in(form: Form, now: datetime, errors: dict[str, str]) -> datetime | None:
    """Now, or the day and time typed; a message to the field that cannot be read is added to `errors`."""
    if form.text("when") != "other":
        return now
    on, at = form.date("on"), clock_time(form.text("time")) if form.text("time") else None
    if on is None:
        errors["on"] = "Enter the day, for example 20 11 2026"
    if form.text("time") and at is None:
        errors["time"] = "Enter a time, for example 2:30pm"
    if on is None or errors.get("time"):
        return None
    typed = london(on, at or time(12))
    return min(typed, now) if on == london_day(now) and at is None else typed


@router.post("/referral/cases/{reference}/contact", dependencies=[WORKERS])
async def save_contact(reference: str, caller: Caller) -> Response:
    """Record it, and say what is next and by when."""
    form = await caller.form()
    tried = _read(form, caller.now)
    if isinstance(tried, dict):
        return await _show(caller, reference, tried, form.typed)

    async def act(tx: Tx) -> Onward:
        await record_contact(
            tx,
            reference,
            mode=tried.mode,
            outcome=tried.outcome,
            at=tried.at,
            note=form.text("note"),
            now=caller.now,
        )
        return Onward(case_path(reference), _confirm(tried, caller.now))

    try:
        return await act_once(caller, form, act)
    except VoicemailUnsafe as error:
        return await _show(caller, reference, {"outcome": str(error)}, form.typed)
    except ContactError as error:
        field = "on" if form.text("when") == "other" else "mode"
        return await _show(caller, reference, {field: str(error)}, form.typed)


def _confirm(tried: _Tried, now: datetime) -> str:
    if tried.outcome is ContactOutcome.REACHED:
        return "Contact recorded. The case is active. Nobody else was told."
    due = add_working_days(london_day(now), CONTACT_WORKING_DAYS)
    return f"Attempt recorded. Try again by {day(due)}."
