"""Record how the person feels about life, or why they were not asked."""

from datetime import date, datetime

from services.referral.domain import outcomes
from services.referral.domain.case import carried
from services.referral.domain.outcomes import Ons4, Outcome, Stage
from services.referral.domain.owed import london_day
from services.referral.store.cases import load_case
from services.referral.store.records import add_outcome, load_outcomes
from shared.backbone.outbox import record
from shared.events.referral import OutcomeRecorded
from shared.runtime.store import Tx

MEASURE = "ons4"


async def record_outcome(
    tx: Tx, reference: str, *, stage: Stage, on: date, answers: Ons4 | None, skip_reason: str, now: datetime
) -> Outcome:
    """The asking as recorded. The answers stay here; that it was done is said. Raises OutcomeError, NotOpen,
    ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    earlier = await load_outcomes(tx, referral.id)
    outcome = outcomes.record_outcome(earlier, stage, on, answers, skip_reason, london_day(now))
    add_outcome(tx, referral.id, outcome, now)
    fact = OutcomeRecorded(measure=MEASURE, stage=stage, skipped=outcome.answers is None)
    await record(tx, fact, subject=referral.id, key=referral.id, time=now, pcn=referral.pcn)
    return outcome
