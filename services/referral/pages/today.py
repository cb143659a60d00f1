"""Where a link worker lands: what is owed by them today. A team lead sees the same for all of their networks."""

from collections.abc import Mapping, Sequence

from fastapi import Response

from services.referral.actions.today import Day, load_day
from services.referral.domain.owed import OwedKind, london_day
from services.referral.domain.prescriptions import UNANSWERED
from services.referral.domain.referral import CARRIED
from services.referral.pages.acting import WORKERS
from services.referral.pages.tasks import shown, shown_awaited
from services.referral.pages.wording import MODES
from services.referral.store.caseload import CaseLine, load_caseload
from services.referral.store.network import staff_names
from services.referral.store.network_rows import StaffRow
from shared.door.caller import Caller
from shared.door.guard import door
from shared.runtime.actor import Role
from shared.runtime.store import Tx

router = door("referral")
_SOON = 10
_MOST = 50
_PAGE = 25


async def _names(tx: Tx, day: Day) -> dict[str, str]:
    """Link workers' names, for a team lead, who sees several people's cases in one list."""
    if not tx.actor.may(Role.TEAM_LEAD):
        return {}
    tasks = [task.line for task in (*day.overdue, *day.today, *day.later)]
    lines = [*tasks, *day.sessions, *(each.line for each in day.awaited)]
    return await staff_names(tx, {line.referral.link_worker for line in lines})


def _todo(day: Day) -> Mapping[str, int]:
    return {"/referral/today": day.to_do, "/referral/triage": day.to_decide}


@router.get("/referral/today", dependencies=[WORKERS])
async def today(caller: Caller) -> Response:
    """Overdue, due today, today's sessions by time, then what waits on others."""
    async with caller.transaction() as tx:
        day = await load_day(tx, caller.now)
        names = await _names(tx, day)
    now, date_ = caller.now, london_day(caller.now)
    return caller.page(
        "referral/case/today.html",
        todo=_todo(day),
        day=day,
        modes=MODES,
        today=date_,
        overdue=[shown(task, now, date_, names) for task in day.overdue[:_MOST]],
        due_today=[shown(task, now, date_, names) for task in day.today[:_MOST]],
        later=[shown(task, now, date_, names) for task in day.later[:_SOON]],
        waiting=[shown_awaited(each, now, names) for each in day.awaited[:_SOON]],
        lead=caller.actor.may(Role.TEAM_LEAD),
    )


@router.get("/referral/overdue", dependencies=[WORKERS])
async def overdue_replies(caller: Caller) -> Response:
    """Groups that have not answered, longest silence first, then all that still have time."""
    async with caller.transaction() as tx:
        day = await load_day(tx, caller.now)
        names = await _names(tx, day)
    now, date_ = caller.now, london_day(caller.now)
    silent = [task for task in (*day.overdue, *day.today, *day.later) if task.owed.kind is OwedKind.NO_ANSWER]
    silent.sort(key=lambda task: task.owed.since or now)
    in_time = [each for each in day.awaited if each.request.state in UNANSWERED]
    return caller.page(
        "referral/case/overdue.html",
        todo=_todo(day),
        silent=[shown(task, now, date_, names) for task in silent],
        waiting=[shown_awaited(each, now, names) for each in in_time],
    )


@router.get("/referral/cases", dependencies=[WORKERS])
async def caseload(caller: Caller, status: str = "", after: str = "") -> Response:
    """The cases the caller carries or answers for, and the load they make."""
    async with caller.transaction() as tx:
        lines = await load_caseload(tx)
        names = await staff_names(tx, {line.referral.link_worker for line in lines})
        load = await _load_in_words(tx, lines)
    chosen = status if status in CARRIED else ""
    kept = [line for line in sorted(lines, key=_next_date) if not chosen or line.referral.status == chosen]
    rows, further = _page(kept, after)
    return caller.page(
        "referral/case/cases.html",
        lines=rows,
        total=len(kept),
        any_case=bool(lines),
        further=further,
        chosen=chosen,
        names=names,
        load=load,
        lead=caller.actor.may(Role.TEAM_LEAD),
    )


def _page(lines: Sequence[CaseLine], after: str) -> tuple[Sequence[CaseLine], str]:
    """The page that begins after the case with that reference, and the reference the next one begins after."""
    begin = next((at for at, line in enumerate(lines, 1) if line.referral.reference == after), 0)
    rows = lines[begin : begin + _PAGE]
    return rows, rows[-1].referral.reference if begin + _PAGE < len(lines) else ""


def _next_date(line: CaseLine) -> tuple[bool, float]:
    booked = line.facts.booked_at
    return booked is None, (booked or line.facts.last_act_at).timestamp()


async def _load_in_words(tx: Tx, lines: Sequence[CaseLine]) -> str:
    """A link worker's own load beside their limit; nothing for a lead, who has the workload page."""
    row = await tx.session.get(StaffRow, tx.actor.subject)
    if row is None or tx.actor.may(Role.TEAM_LEAD):
        return ""
    load = sum(line.referral.weight for line in lines)
    return f"Your load is {load} of {row.load_limit}. Urgent cases and cases with an interpreter count more than 1."
