"""Whether the person came: recorded by the provider, with the request's own reference alone."""

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.directory.actions.requests import record_attendance
from services.directory.domain.request import Attendance, BeforeTheRequest, DateAhead
from services.directory.pages.desk import DESK, PROVIDERS
from services.directory.pages.request import PATH, shown
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form, Typed
from shared.door.guard import door
from shared.door.once import Answer, once
from shared.door.words import day
from shared.runtime.clock import LONDON
from shared.runtime.ids import tidy_reference

router = door("directory")


@router.get(PATH + "/attendance", dependencies=[PROVIDERS], response_class=HTMLResponse)
async def ask_attendance(reference: str, caller: Caller) -> Response:
    """Today is offered, since most are recorded on the day."""
    today = caller.now.astimezone(LONDON).date()
    parts = {"on[day]": [str(today.day)], "on[month]": [str(today.month)], "on[year]": [str(today.year)]}
    return await _page(caller, reference, {}, Typed(parts))


async def _page(caller: CallerAtDoor, reference: str, errors: dict[str, str], typed: Typed) -> Response:
    request, waiting = await shown(caller, reference)
    return caller.page("directory/attendance.html", errors=errors, typed=typed, request=request, todo={DESK: waiting})


@router.post(PATH + "/attendance", dependencies=[PROVIDERS])
async def save_attendance(reference: str, caller: Caller) -> Response:
    """Saved for one day; saying the other for the same day corrects it."""
    form = await caller.form()
    came, errors = _came(form)
    if came is None:
        return await _page(caller, reference, errors, form.typed)
    try:
        async with caller.transaction() as tx:

            async def do() -> Answer:
                known = tidy_reference(reference) or ""
                await record_attendance(tx, known, came, caller.now, expected=form.version)
                return Answer.onward(DESK, confirm=_confirmation(known, came))

            answer = await once(tx, form.key, form.fingerprint, do)
    except (DateAhead, BeforeTheRequest) as error:
        return await _page(caller, reference, {"on": str(error)}, form.typed)
    return caller.answer(answer)


def _came(form: Form) -> tuple[Attendance | None, dict[str, str]]:
    errors: dict[str, str] = {}
    if form.text("attended") not in ("yes", "no"):
        errors["attended"] = "Choose whether the person came"
    on = form.date("on")
    if on is None:
        errors["on"] = "Enter the day they were to come, like 27 11 2026"
    return (None, errors) if errors or on is None else (Attendance(on, form.text("attended") == "yes"), {})


def _confirmation(reference: str, came: Attendance) -> str:
    what = "came" if came.attended else "did not come"
    return f"Saved for {reference}: the person {what} on {day(came.on)}. We told the link worker."
