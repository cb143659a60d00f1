"""The person's plan: to read, to print, and to agree the next version of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Response

from services.referral.actions.plan import agree_plan
from services.referral.domain.owed import london_day
from services.referral.domain.plan import GOALS_LIMIT, AgreedInFuture, Goal, NotAgreed, Plan, PlanAction, PlanError
from services.referral.domain.referral import CARRIED
from services.referral.pages.acting import WORKERS, Onward, act_once
from services.referral.pages.heading import heading_of
from services.referral.pages.tasks import case_path
from services.referral.store.caseload import CaseLine, load_line
from services.referral.store.network import staff_names
from services.referral.store.records import load_plan
from services.referral.store.requests import Prescription, load_prescriptions
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form, Typed, whole_number
from shared.door.guard import door
from shared.runtime.store import Tx

router = door("referral")
_ACTIONS_LIMIT = 6
_WHAT = re.compile(r"what-(\d{1,2})-(\d)")


@dataclass(frozen=True, slots=True)
class Loaded:
    line: CaseLine
    plan: Plan | None
    requests: tuple[Prescription, ...]
    link_worker: str


async def _load(caller: CallerAtDoor, reference: str) -> Loaded:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        names = await staff_names(tx, {line.referral.link_worker})
        requests = await load_prescriptions(tx, line.referral.id)
        plan = await load_plan(tx, line.referral.id)
    return Loaded(line, plan, requests, names.get(line.referral.link_worker or "", ""))


@router.get("/referral/cases/{reference}/plan", dependencies=[WORKERS])
async def plan(reference: str, caller: Caller) -> Response:
    """The plan as it was last agreed; prints on two sides, without the page around it."""
    found = await _load(caller, reference)
    return caller.page(
        "referral/case/plan.html",
        heading=heading_of(found.line.referral, found.line.person, london_day(caller.now)),
        sessions_held=found.line.sessions_held,
        plan=found.plan,
        arranged=[each for each in found.requests if not each.request.settled],
        link_worker=found.link_worker,
        carried=found.line.referral.status in CARRIED,
        large=caller.request.query_params.get("print") == "large",
    )


async def _show(
    caller: CallerAtDoor,
    reference: str,
    errors: Mapping[str, str] | None = None,
    typed: Typed | None = None,
    goal_rows: int = 0,
) -> Response:
    found = await _load(caller, reference)
    goals = found.plan.goals if found.plan else ()
    matters = found.plan.what_matters if found.plan else found.line.referral.what_matters
    return caller.page(
        "referral/case/plan_change.html",
        errors=errors,
        typed=typed,
        heading=heading_of(found.line.referral, found.line.person, london_day(caller.now)),
        version=found.plan.version if found.plan else 0,
        goals=goals,
        goal_rows=min(max(goal_rows, len(goals) + 1, 2), GOALS_LIMIT),
        action_rows=_action_rows(goals, typed),
        what_matters=matters,
        strengths=found.plan.strengths if found.plan else "",
        today=london_day(caller.now),
    )


def _action_rows(goals: Sequence[Goal], typed: Typed | None) -> dict[int, int]:
    """How many actions each goal's part of the form has: those there are, those typed, and one to fill."""
    filled = {row: len(goal.actions) for row, goal in enumerate(goals, 1)}
    for name in typed or ():
        if (found := _WHAT.fullmatch(name)) and typed and typed.text(name):
            filled[int(found[1])] = max(filled.get(int(found[1]), 0), int(found[2]))
    return {row: min(filled.get(row, 0) + 1, _ACTIONS_LIMIT) for row in range(1, GOALS_LIMIT + 1)}


@router.get("/referral/cases/{reference}/plan/change", dependencies=[WORKERS])
async def change_plan(reference: str, caller: Caller) -> Response:
    """The form, filled with the plan as it stands."""
    return await _show(caller, reference)


def _rows(form: Form) -> int:
    """How many goals the form that was sent had."""
    sent = whole_number(form.text("goal_rows"))
    return GOALS_LIMIT if sent is None else min(sent, GOALS_LIMIT)


def _goals_in(form: Form, errors: dict[str, str]) -> tuple[Goal, ...]:
    goals = []
    for row in range(1, _rows(form) + 1):
        actions = [_action_in(form, f"{row}-{step}", errors) for step in range(1, _ACTIONS_LIMIT + 1)]
        goals.append(Goal(form.text(f"goal-{row}"), tuple(actions)))
    return tuple(goals)


def _action_in(form: Form, row: str, errors: dict[str, str]) -> PlanAction:
    by = form.date(f"by-{row}")
    if by is None and not form.blank(f"by-{row}"):
        errors[f"by-{row}"] = "Enter a real day, for example 27 11 2026, or leave it blank"
    return PlanAction(what=form.text(f"what-{row}"), who=form.text(f"who-{row}"), by=by)


@router.post("/referral/cases/{reference}/plan", dependencies=[WORKERS])
async def save_plan(reference: str, caller: Caller) -> Response:
    """Agree the plan: a new version, unless another was agreed since the form was drawn."""
    form = await caller.form()
    errors: dict[str, str] = {}
    goals = _goals_in(form, errors)
    if form.text("more"):
        return await _show(caller, reference, typed=form.typed, goal_rows=_rows(form) + 1)
    if errors:
        return await _show(caller, reference, errors, form.typed, _rows(form))

    async def act(tx: Tx) -> Onward:
        agreed = await agree_plan(
            tx,
            reference,
            goals=goals,
            what_matters=form.text("what_matters"),
            strengths=form.text("strengths"),
            agreed_on=form.date("agreed_on"),
            expected=form.version,
            now=caller.now,
        )
        return Onward(f"{case_path(reference)}/plan", f"Version {agreed.version} is saved. Print it for them.")

    try:
        return await act_once(caller, form, act)
    except (NotAgreed, AgreedInFuture) as error:
        return await _show(caller, reference, {"agreed_on": str(error)}, form.typed, _rows(form))
    except PlanError as error:
        return await _show(caller, reference, {"goal-1": str(error)}, form.typed, _rows(form))
