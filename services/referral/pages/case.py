"""A case: who it is, what is next, what waits on others, what matters to the person."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Response

from services.referral.actions.hearing import dealt_with
from services.referral.actions.today import CaseNow, load_case_now
from services.referral.domain.next_step import Step
from services.referral.domain.owed import RequestFacts, london_day, waiting
from services.referral.domain.referral import CARRIED
from services.referral.pages.acting import WORKERS, Onward, act_once
from services.referral.pages.heading import heading_of
from services.referral.pages.history import entries_of
from services.referral.pages.tasks import act_of, case_path, message_words, note_words, what_of
from services.referral.pages.wording import CLOSURES, MESSAGE_REASONS, MODES
from services.referral.store.network import names_of, staff_names
from services.referral.store.records import load_plan
from services.referral.store.timeline import load_timeline
from shared.door.caller import Caller
from shared.door.guard import door
from shared.door.problems import NotFound
from shared.runtime.store import Tx

router = door("referral")
_LATEST = 3

_STEPS: dict[Step, tuple[str, str]] = {
    Step.CALL: ("Record a call", "/contact"),
    Step.SESSION: ("Record a session", "/sessions/next"),
    Step.PLAN: ("Write the plan", "/plan/change"),
    Step.BASELINE: ("Record well-being", "/outcomes"),
    Step.PRESCRIBE: ("Find a group", "/prescribe"),
}


@dataclass(frozen=True, slots=True)
class Raised:
    """A note or a message on the case that waits to be looked at."""

    id: str
    what: str
    words: str


def _main_act(case: CaseNow) -> tuple[str, str] | None:
    """The one green button: its words and the rest of its path; none on a case that has ended."""
    return act_of(case.because) if case.because else _STEPS.get(case.step)


def _live(case: CaseNow) -> list[RequestFacts]:
    """Requests that somebody still owes a move on, the link worker's own first."""
    others = {each.reference for each in waiting(case.line.facts)}
    ours = {each.subject for each in case.owed}
    shown = [each for each in case.line.facts.requests if each.reference in others | ours]
    return sorted(shown, key=lambda each: (each.reference in others, each.asked_at))


def _raised(case: CaseNow) -> list[Raised]:
    facts = case.line.facts
    notes = [Raised(each.id, note_words(each.about), each.words) for each in facts.same_person]
    reasons = [(each, MESSAGE_REASONS.get(each.words, each.words)) for each in facts.messages]
    return notes + [Raised(each.id, message_words(each.about), f"Because {why}.") for each, why in reasons]


@router.get("/referral/cases/{reference}", dependencies=[WORKERS])
async def overview(reference: str, caller: Caller) -> Response:
    """The case at a glance, with its one next step."""
    now = caller.now
    async with caller.transaction() as tx:
        case = await load_case_now(tx, reference, now)
        referral = case.line.referral
        plan = await load_plan(tx, referral.id)
        happened = await load_timeline(tx, referral.id)
        practices = await names_of(tx, {referral.practice})
        workers = await staff_names(tx, {referral.link_worker})
    today = london_day(now)
    # Messages that went are for the history: they would crowd out what people did.
    latest = entries_of(each for each in happened if (each.kind, each.one) != ("message", "sent"))[-_LATEST:]
    return caller.page(
        "referral/case/overview.html",
        heading=heading_of(referral, case.line.person, today),
        case=case,
        carried=referral.status in CARRIED,
        act=_main_act(case),
        why=what_of(case.because, now, today) if case.because else "",
        requests=_live(case),
        raised=_raised(case) if case.owed else [],
        plan=plan,
        latest=latest[::-1],
        practice=practices.get(referral.practice or "", ""),
        link_worker=workers.get(referral.link_worker or "", ""),
        closure=CLOSURES[referral.closure] if referral.closure else "",
        modes=MODES,
    )


@router.post("/referral/cases/{reference}/looked-at", dependencies=[WORKERS])
async def looked_at(reference: str, caller: Caller) -> Response:
    """A note or a message has been dealt with."""
    form = await caller.form()
    try:
        raised = UUID(form.text("raised"))
    except ValueError:
        raise NotFound from None

    async def act(tx: Tx) -> Onward:
        await dealt_with(tx, reference, raised, caller.now)
        return Onward(case_path(reference), "Marked as dealt with. It stays in the history.")

    return await act_once(caller, form, act)
