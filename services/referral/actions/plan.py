"""Agree the next version of the person's plan."""

from datetime import date, datetime

from services.referral.domain import plan as rules
from services.referral.domain.case import carried
from services.referral.domain.owed import london_day
from services.referral.domain.plan import Goal, Plan
from services.referral.store.cases import load_case
from services.referral.store.records import add_plan, load_plan
from shared.backbone.outbox import record
from shared.events.referral import PlanAgreed
from shared.runtime.store import StaleVersion, Tx


async def agree_plan(
    tx: Tx,
    reference: str,
    *,
    goals: tuple[Goal, ...],
    what_matters: str,
    strengths: str,
    agreed_on: date | None,
    expected: int | None,
    now: datetime,
) -> Plan:
    """The plan as agreed. `expected` is the version the form was drawn from (0: none yet).
    Raises PlanError, StaleVersion, NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    current = await load_plan(tx, referral.id)
    if expected is not None and expected != (current.version if current else 0):
        raise StaleVersion
    agreed = rules.agree(
        current,
        goals=goals,
        what_matters=what_matters,
        strengths=strengths,
        agreed_on=agreed_on,
        today=london_day(now),
    )
    add_plan(tx, referral.id, agreed, now)
    fact = PlanAgreed(plan_version=agreed.version, goals=len(agreed.goals))
    await record(tx, fact, subject=referral.id, key=referral.id, time=now, pcn=referral.pcn)
    return agreed
