"""The requests for places of a case: where each stands, taking one back, and needs that nothing meets."""

from collections.abc import Mapping

from fastapi import Response

from services.referral.actions.prescriptions import find_request, note_unmet_need, withdraw
from services.referral.domain.owed import london_day
from services.referral.domain.prescriptions import OWES, AlreadySettled, Party, UnmetCause, WithdrawalReason
from services.referral.domain.reasons import ReasonGroup
from services.referral.domain.referral import CARRIED
from services.referral.pages.acting import WORKERS, Onward, act_once
from services.referral.pages.heading import heading_of
from services.referral.pages.tasks import case_path
from services.referral.pages.wording import DECLINES, GROUPS, UNMET, WITHDRAWALS, choices
from services.referral.store.caseload import load_line
from services.referral.store.requests import load_prescriptions
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Typed
from shared.door.guard import door
from shared.runtime.store import Tx

router = door("referral")
_OWED_BY = {Party.PROVIDER: "The group", Party.LINK_WORKER: "You", Party.NOBODY: ""}


@router.get("/referral/cases/{reference}/requests", dependencies=[WORKERS])
async def all_requests(reference: str, caller: Caller) -> Response:
    """Every request, latest first, with who owes the next move."""
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        found = await load_prescriptions(tx, line.referral.id)
    return caller.page(
        "referral/case/requests.html",
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        sessions_held=line.sessions_held,
        requests=found,
        owed_by={each.reference: _OWED_BY[OWES[each.state]] for each in found},
        declines=DECLINES,
        carried=line.referral.status in CARRIED,
    )


async def _show_withdrawal(
    caller: CallerAtDoor,
    reference: str,
    request: str,
    errors: Mapping[str, str] | None = None,
    typed: Typed | None = None,
) -> Response:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        found = await find_request(tx, line.referral, request)
    return caller.page(
        "referral/case/withdraw.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        asked=found,
        reasons=choices(WITHDRAWALS),
    )


@router.get("/referral/cases/{reference}/requests/{request}/withdraw", dependencies=[WORKERS])
async def take_back(reference: str, request: str, caller: Caller) -> Response:
    """Ask why, before a request is taken back."""
    return await _show_withdrawal(caller, reference, request)


@router.post("/referral/cases/{reference}/requests/{request}/withdraw", dependencies=[WORKERS])
async def save_withdrawal(reference: str, request: str, caller: Caller) -> Response:
    """Take it back; the group is told."""
    form = await caller.form()
    if form.text("reason") not in WITHDRAWALS:
        errors = {"reason": "Choose why the request is taken back"}
        return await _show_withdrawal(caller, reference, request, errors, form.typed)

    async def act(tx: Tx) -> Onward:
        reason = WithdrawalReason(form.text("reason"))
        asked = await withdraw(tx, reference, request, reason, expected=form.version, now=caller.now)
        confirm = f"The request to {asked.activity_name} is taken back. The group will see that nothing is owed."
        return Onward(f"{case_path(reference)}/requests", confirm)

    try:
        return await act_once(caller, form, act)
    except AlreadySettled as error:
        return await _show_withdrawal(caller, reference, request, {"reason": str(error)}, form.typed)


async def _show_unmet(
    caller: CallerAtDoor, reference: str, errors: Mapping[str, str] | None = None, typed: Typed | None = None
) -> Response:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
    return caller.page(
        "referral/case/unmet.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        group=str(line.referral.reasons[0].group),
        groups=choices(GROUPS),
        causes=choices(UNMET),
    )


@router.get("/referral/cases/{reference}/unmet", dependencies=[WORKERS])
async def unmet(reference: str, caller: Caller) -> Response:
    """Which need, and why nothing meets it."""
    return await _show_unmet(caller, reference)


@router.post("/referral/cases/{reference}/unmet", dependencies=[WORKERS])
async def save_unmet(reference: str, caller: Caller) -> Response:
    """Record it, for those who decide what the community offers."""
    form = await caller.form()
    errors = {}
    if form.text("group") not in GROUPS:
        errors["group"] = "Choose which need was not met"
    if form.text("cause") not in UNMET:
        errors["cause"] = "Choose why it was not met"
    if errors:
        return await _show_unmet(caller, reference, errors, form.typed)

    async def act(tx: Tx) -> Onward:
        group, cause = ReasonGroup(form.text("group")), UnmetCause(form.text("cause"))
        await note_unmet_need(tx, reference, group, cause, caller.now)
        return Onward(case_path(reference), "Unmet need recorded. It counts in the reports, without the person's name.")

    return await act_once(caller, form, act)
