"""Close a case: why, and, when requests are open, whether that is really meant."""

from collections.abc import Mapping

from fastapi import Response

from services.referral.actions.closing import close_case
from services.referral.domain.closing import RequestsOpen, WordsNeeded, taken_back
from services.referral.domain.owed import london_day
from services.referral.domain.referral import Closure
from services.referral.pages.acting import WORKERS, Onward, act_once
from services.referral.pages.heading import heading_of
from services.referral.pages.tasks import case_path
from services.referral.pages.wording import CLOSURES, choices
from services.referral.store.caseload import load_line
from services.referral.store.requests import load_prescriptions
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Typed
from shared.door.guard import door
from shared.runtime.store import Tx

router = door("referral")


async def _show(
    caller: CallerAtDoor,
    reference: str,
    errors: Mapping[str, str] | None = None,
    typed: Typed | None = None,
    *,
    interrupt: bool = False,
) -> Response:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        asked = await load_prescriptions(tx, line.referral.id)
    back = taken_back({each.reference: each.state for each in asked})
    return caller.page(
        "referral/case/close_anyway.html" if interrupt else "referral/case/close.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        version=line.referral.version,
        open=[each for each in asked if not each.request.settled],
        taken_back=back,
        reasons=choices(CLOSURES),
    )


@router.get("/referral/cases/{reference}/close", dependencies=[WORKERS])
async def close(reference: str, caller: Caller) -> Response:
    """What is open, and the reasons for closing."""
    return await _show(caller, reference)


@router.post("/referral/cases/{reference}/close", dependencies=[WORKERS])
async def save_closing(reference: str, caller: Caller) -> Response:
    """Close it; an interruption page stands before closing with requests open."""
    form = await caller.form()
    if form.text("reason") not in CLOSURES:
        return await _show(caller, reference, {"reason": "Choose why the case is closed"}, form.typed)

    async def act(tx: Tx) -> Onward:
        await close_case(
            tx,
            reference,
            reason=Closure(form.text("reason")),
            words=form.text("words"),
            confirmed=form.text("confirmed") == "yes",
            expected=form.version,
            now=caller.now,
        )
        return Onward(case_path(reference), "The case is closed. The person can be referred again at any time.")

    try:
        return await act_once(caller, form, act)
    except RequestsOpen:
        return await _show(caller, reference, None, form.typed, interrupt=True)
    except WordsNeeded as error:
        return await _show(caller, reference, {"words": str(error)}, form.typed)
