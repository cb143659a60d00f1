"""The one main action on a case's page: what is owed first, else the next stretch of the person's way."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.referral.domain.owed import Owed, OwedKind


class Step(StrEnum):
    CALL = "call"
    SESSION = "session"
    PLAN = "plan"
    BASELINE = "baseline"
    PRESCRIBE = "prescribe"
    REQUESTS = "requests"
    LOOK = "look"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Way:
    """How far the case has come."""

    carried: bool
    reached: bool
    sessions_held: int
    plan: bool
    baseline: bool
    onward: bool


_OWED_STEP = {
    OwedKind.CONTACT: Step.CALL,
    OwedKind.SESSION_NOT_RECORDED: Step.SESSION,
    OwedKind.NO_ANSWER: Step.REQUESTS,
    OwedKind.ANOTHER_NEEDED: Step.PRESCRIBE,
    OwedKind.PERSON_ACTION: Step.CALL,
    OwedKind.SAME_PERSON: Step.LOOK,
    OwedKind.MESSAGE: Step.LOOK,
}


def next_step(way: Way, owed: Sequence[Owed]) -> tuple[Step, Owed | None]:
    """The step, and the thing owed that asks for it, if one does."""
    if not way.carried:
        return Step.NOTHING, None
    for each in owed:
        if each.kind in _OWED_STEP:
            return _OWED_STEP[each.kind], each
    missing = (
        (way.reached or way.sessions_held > 0, Step.CALL),
        (way.sessions_held > 0, Step.SESSION),
        (way.plan, Step.PLAN),
        (way.baseline, Step.BASELINE),
        (way.onward, Step.PRESCRIBE),
    )
    return next((step for done, step in missing if not done), Step.SESSION), None
