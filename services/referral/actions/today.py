"""The link worker's day: what is overdue, what is due today, today's sessions, and what waits on others."""

from dataclasses import dataclass
from datetime import datetime

from services.referral.domain.next_step import Step, Way, next_step
from services.referral.domain.owed import Owed, RequestFacts, When, london_day, owed, waiting
from services.referral.domain.referral import CARRIED
from services.referral.store.caseload import CaseLine, load_caseload, load_line
from services.referral.store.queue import waiting as queue
from services.referral.store.records import load_outcomes, load_plan
from shared.runtime.actor import Role
from shared.runtime.clock import add_working_days
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Task:
    """One thing owed, and the case it is owed to."""

    line: CaseLine
    owed: Owed


@dataclass(frozen=True, slots=True)
class Awaited:
    """A request whose answer is still in time."""

    line: CaseLine
    request: RequestFacts


@dataclass(frozen=True, slots=True)
class Day:
    """`to_decide` counts the referrals that wait for a team lead; 0 for a link worker."""

    overdue: tuple[Task, ...]
    today: tuple[Task, ...]
    later: tuple[Task, ...]
    sessions: tuple[CaseLine, ...]
    awaited: tuple[Awaited, ...]
    cases: int
    to_decide: int

    @property
    def to_do(self) -> int:
        """How many things are to be done today."""
        return len(self.overdue) + len(self.today) + len(self.sessions)


async def load_day(tx: Tx, now: datetime) -> Day:
    """The caller's day: their own cases for a link worker, all of their networks' for a team lead."""
    lines, today = await load_caseload(tx), london_day(now)
    tasks = [Task(line, each) for line in lines for each in owed(line.facts, now, add_working_days)]
    tasks.sort(key=lambda task: task.owed.due)
    sessions = [line for line in lines if _is_today(line.facts.booked_at, now)]
    awaited = [Awaited(line, each) for line in lines for each in waiting(line.facts)]
    return Day(
        overdue=tuple(task for task in tasks if task.owed.when(today) is When.OVERDUE),
        today=tuple(task for task in tasks if task.owed.when(today) is When.TODAY),
        later=tuple(task for task in tasks if task.owed.when(today) is When.LATER),
        sessions=tuple(sorted(sessions, key=lambda line: line.facts.booked_at or now)),
        awaited=tuple(sorted(awaited, key=lambda each: each.request.answer_by)),
        cases=len(lines),
        to_decide=(await queue(tx)).total if tx.actor.may(Role.TEAM_LEAD) else 0,
    )


def _is_today(booked_at: datetime | None, now: datetime) -> bool:
    return booked_at is not None and booked_at > now and london_day(booked_at) == london_day(now)


@dataclass(frozen=True, slots=True)
class CaseNow:
    """One case as it stands: what is owed to it, soonest first, and the one step to take next."""

    line: CaseLine
    owed: tuple[Owed, ...]
    step: Step
    because: Owed | None


async def load_case_now(tx: Tx, reference: str, now: datetime) -> CaseNow:
    """Where a case of the caller's stands. Raises ReferralNotFound."""
    line = await load_line(tx, reference)
    carried = line.referral.status in CARRIED
    found = owed(line.facts, now, add_working_days) if carried else ()
    outcomes = await load_outcomes(tx, line.referral.id)
    way = Way(
        carried=carried,
        reached=line.facts.reached_at is not None,
        sessions_held=line.sessions_held,
        plan=await load_plan(tx, line.referral.id) is not None,
        baseline=bool(outcomes),
        onward=line.facts.onward_at is not None,
    )
    step, because = next_step(way, found)
    return CaseNow(line, found, step, because)
