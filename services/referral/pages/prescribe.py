"""Choose for a person: search the directory for them, see how a group fits, ask it for a place or only signpost it."""

from collections.abc import Mapping

from fastapi import Response

from services.referral.actions.prescriptions import default_answer_by, fit_of, prescribe, signpost
from services.referral.domain.owed import london_day
from services.referral.domain.person import age_on
from services.referral.domain.prescriptions import AnswerByPassed, ConsentNeeded, PrescriptionError
from services.referral.domain.reasons import Reason
from services.referral.domain.room import believed
from services.referral.pages.acting import WORKERS, Onward, act_once
from services.referral.pages.heading import heading_of
from services.referral.pages.tasks import case_path
from services.referral.store.caseload import load_line
from services.referral.store.requests import activities_called, load_activity, load_prescriptions
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form, Typed
from shared.door.guard import door
from shared.door.words import day
from shared.runtime.clock import end_of_day
from shared.runtime.store import Tx

router = door("referral")


@router.get("/referral/cases/{reference}/prescribe", dependencies=[WORKERS])
async def choose(reference: str, caller: Caller) -> Response:
    """The person's needs, and the search of the directory that they fill: its terms travel in the body."""
    return await _choose(caller, reference)


@router.post("/referral/cases/{reference}/prescribe/known", dependencies=[WORKERS])
async def known(reference: str, caller: Caller) -> Response:
    """A group that the link worker knows by name, from what we heard of it: the directory may be down."""
    form = await caller.form()
    errors = {} if form.text("known") else {"known": "Enter the name or the reference of a group"}
    return await _choose(caller, reference, errors, form.typed)


async def _choose(
    caller: CallerAtDoor, reference: str, errors: Mapping[str, str] | None = None, typed: Typed | None = None
) -> Response:
    named = typed.text("known") if typed else ""
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        found = await activities_called(tx, named) if named else None
    today = london_day(caller.now)
    return caller.page(
        "referral/case/choose.html",
        errors=errors,
        typed=typed,
        found=found,
        rooms={each.id: believed(each.room, each.room_stated_at, caller.now) for each in found or ()},
        heading=heading_of(line.referral, line.person, today),
        needs=[{"value": str(each), "text": each.label} for each in line.referral.reasons if each is not Reason.OTHER],
        postcode=line.person.postcode,
        age=str(age_on(line.person.born_on, today)),
    )


@router.post("/referral/cases/{reference}/prescribe", dependencies=[WORKERS])
async def chosen(reference: str, caller: Caller) -> Response:
    """What was chosen in the directory, with how it fits. It changes nothing, since another service drew the form; the
    door has checked that a page of Kith sent it."""
    async with caller.request.form() as sent:
        activity = sent.get("activity")
    return await _show(caller, reference, activity if isinstance(activity, str) else "")


async def _show(
    caller: CallerAtDoor,
    reference: str,
    named: str,
    errors: Mapping[str, str] | None = None,
    typed: Typed | None = None,
) -> Response:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        activity = await load_activity(tx, named)
        found = await fit_of(tx, line.referral, activity, caller.now)
        asked = await load_prescriptions(tx, line.referral.id)
    open_one = next((each for each in asked if each.activity_id == activity.id and not each.request.settled), None)
    return caller.page(
        "referral/case/prescribe.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        activity=activity,
        offered=activity.status == "active",
        room=believed(activity.room, activity.room_stated_at, caller.now),
        fit=found,
        open_one=open_one,
        answer_by=london_day(default_answer_by(caller.now)),
    )


@router.post("/referral/cases/{reference}/requests", dependencies=[WORKERS])
async def ask_for_a_place(reference: str, caller: Caller) -> Response:
    """Ask the group, once the person has agreed."""
    form = await caller.form()
    named = form.text("activity")
    until = form.date("answer_by")
    if until is None and not form.blank("answer_by"):
        errors = {"answer_by": "Enter a real day to answer by, for example 27 11 2026"}
        return await _show(caller, reference, named, errors, form.typed)

    async def act(tx: Tx) -> Onward:
        activity = await load_activity(tx, named)
        agreed, by = form.text("agreed") == "yes", end_of_day(until) if until else None
        asked = await prescribe(tx, reference, activity, agreed=agreed, answer_by=by, now=caller.now)
        confirm = (
            f"{asked.activity_name} has been asked for a place, as request {asked.reference}. "
            f"They have until {day(asked.answer_by)} to answer. They were not told who it is for."
        )
        return Onward(f"{case_path(reference)}/requests", confirm)

    try:
        return await act_once(caller, form, act)
    except ConsentNeeded as error:
        return await _show(caller, reference, named, {"agreed": str(error)}, form.typed)
    except AnswerByPassed as error:
        return await _show(caller, reference, named, {"answer_by": str(error)}, form.typed)
    except PrescriptionError as error:
        return await _show(caller, reference, named, {"agreed": str(error)}, form.typed)


@router.post("/referral/cases/{reference}/signposts", dependencies=[WORKERS])
async def only_signpost(reference: str, caller: Caller) -> Response:
    """The person was told of the group; it is counted, and nobody is asked."""
    form: Form = await caller.form()

    async def act(tx: Tx) -> Onward:
        activity = await load_activity(tx, form.text("activity"))
        await signpost(tx, reference, activity, caller.now)
        return Onward(case_path(reference), f"Signposted to {activity.name}. Nobody was asked or told.")

    return await act_once(caller, form, act)
