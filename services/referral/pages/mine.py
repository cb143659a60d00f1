"""What a practice has referred: each person, who acts next, and what has happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from fastapi import Response

from services.referral.domain.contacts import ContactOutcome
from services.referral.domain.person import MayKnow
from services.referral.domain.prescriptions import RequestState
from services.referral.domain.referral import Referral, Status, Urgency
from services.referral.domain.sessions import SessionState
from services.referral.pages.choices import DECLINES
from services.referral.pages.history import Entry, by_day
from services.referral.store.network import names_of, staff_names
from services.referral.store.people import load_person
from services.referral.store.queue import Listed, mine
from services.referral.store.records import load_attempts, load_plan, load_sessions
from services.referral.store.referrals import load_referral
from services.referral.store.requests import load_prescriptions
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.runtime.actor import Role
from shared.runtime.clock import LONDON
from shared.runtime.store import Tx

router = door("referral")
REFERRERS = allow(Role.REFERRER)
# What a referrer may learn of a request for a place: never which group it is, since that can say why.
PLACES: Mapping[RequestState, str] = {
    RequestState.WAITLISTED: "On a group’s waiting list",
    RequestState.ACCEPTED: "A group has a place",
    RequestState.STARTED: "Goes to a group",
    RequestState.COMPLETED: "Has completed their time with a group",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A referral as one row of a list shows it; `practice` and `borough` say where it came from and where it stands."""

    reference: str
    name: str
    state: str
    urgent: bool
    owed_by: str | None
    next: str
    made_at: datetime
    reasons: str
    practice: str
    borough: bool


def line_of(row: Listed, practices: Mapping[str, str]) -> Line:
    referral = row.referral
    return Line(
        reference=referral.reference,
        name=row.person.details.name,
        state=referral.status.replace("-", "_"),
        urgent=referral.urgency is Urgency.URGENT,
        owed_by=referral.owed_by,
        next=referral.next,
        made_at=referral.made_at,
        reasons=", ".join(reason.label for reason in referral.reasons),
        practice=practices.get(referral.practice or "", ""),
        borough=referral.pcn is None,
    )


@router.get("/referral/mine", dependencies=[REFERRERS], include_in_schema=False)
async def my_referrals(caller: Caller, after: str = "") -> Response:
    """Newest first; who acts next stands on each."""
    async with caller.transaction() as tx:
        page = await mine(tx, after or None)
        practices = await names_of(tx, {row.referral.practice for row in page.rows})
    return caller.page(
        "referral/mine/list.html",
        lines=[line_of(row, practices) for row in page.rows],
        total=page.total,
        paged=bool(after),
        older=f"/referral/mine?after={page.next}" if page.next else "",
    )


@router.get("/referral/mine/{reference}", dependencies=[REFERRERS], include_in_schema=False)
async def my_referral(reference: str, caller: Caller) -> Response:
    """One referral: who acts next, and what has happened."""
    async with caller.transaction() as tx:
        referral = await load_referral(tx, reference)
        person = await load_person(tx, referral.person_id)
        names = await names_of(tx, {referral.practice, referral.pcn})
        staff = await staff_names(tx, {referral.made_by, referral.link_worker})
        told = MayKnow.GP_PRACTICE in person.details.may_know
        support = await _support(tx, referral) if told else []
    return caller.page(
        "referral/mine/referral.html",
        line=line_of(Listed(referral, person), names),
        team=names.get(referral.pcn or "", ""),
        link_worker=staff.get(referral.link_worker or "", ""),
        days=by_day(sorted([*_steps(referral, staff), *support], key=lambda entry: entry.at)),
    )


def _steps(referral: Referral, staff: Mapping[str, str]) -> list[Entry]:
    """What every referrer is told of what became of a referral."""
    steps = [Entry(referral.made_at, "Referral made", staff.get(referral.made_by, ""), "")]
    if referral.allocated_at:
        worker = staff.get(referral.link_worker or "", "a link worker")
        steps.append(Entry(referral.allocated_at, "Accepted and allocated", "", f"The link worker is {worker}."))
    if referral.ended_at and referral.status is Status.DECLINED:
        why = next((choice.text for choice in DECLINES if choice.value == referral.decline), "")
        steps.append(Entry(referral.ended_at, "Declined", "", why))
    elif referral.ended_at:
        steps.append(Entry(referral.ended_at, "Support ended", "", ""))
    return steps


async def _support(tx: Tx, referral: Referral) -> list[Entry]:
    """How the support goes, without a word of it: only where the person said that the practice may know."""
    reached = [a.at for a in await load_attempts(tx, referral.id) if a.outcome is ContactOutcome.REACHED]
    held = [s for s in await load_sessions(tx, referral.id) if s.state is SessionState.COMPLETED]
    plan = await load_plan(tx, referral.id)
    entries = [Entry(min(reached), "Reached by the link worker", "", "")] if reached else []
    entries += [Entry(session.at, f"Session {session.held} took place", "", "") for session in held]
    if plan:
        agreed = datetime.combine(plan.agreed_on, time(12), LONDON)
        entries.append(Entry(agreed, "Plan agreed", "", ""))
    asked = await load_prescriptions(tx, referral.id)
    return entries + [Entry(each.changed_at, PLACES[each.state], "", "") for each in asked if each.state in PLACES]
