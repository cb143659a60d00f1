"""Close a case: requests nobody has promised are taken back, and the person may be referred again."""

from datetime import datetime

from services.referral.actions.prescriptions import take_back
from services.referral.domain import closing
from services.referral.domain.prescriptions import WithdrawalReason
from services.referral.domain.referral import Closure, Referral
from services.referral.domain.sessions import held_count
from services.referral.store.cases import load_case
from services.referral.store.open_people import release_person
from services.referral.store.records import add_closing, load_sessions
from services.referral.store.referrals import save_referral
from services.referral.store.requests import load_prescription, load_prescriptions
from shared.backbone.outbox import record
from shared.events import vocabulary
from shared.events.referral import ReferralClosed
from shared.runtime.store import Tx


async def close_case(
    tx: Tx, reference: str, *, reason: Closure, words: str, confirmed: bool, expected: int | None, now: datetime
) -> Referral:
    """The case closed. Raises RequestsOpen unless confirmed, NotOpen, StaleVersion, ReferralNotFound."""
    referral = await load_case(tx, reference, change=True)
    asked = {each.reference: each for each in await load_prescriptions(tx, referral.id)}
    states = {name: each.state for name, each in asked.items()}
    closed = closing.close(referral, states, reason, words, now, confirmed=confirmed)
    for name in closing.taken_back(states):
        held = await load_prescription(tx, asked[name].id)
        await take_back(tx, referral, held, WithdrawalReason.CASE_CLOSED, now)
    saved = await save_referral(tx, closed, expected=expected)
    add_closing(tx, referral.id, words, now)
    await release_person(tx, referral.id)
    held_sessions = held_count(await load_sessions(tx, referral.id))
    fact = ReferralClosed(
        reference=referral.reference, reason=vocabulary.ClosureReason(reason), sessions_held=held_sessions
    )
    await record(tx, fact, subject=referral.id, key=referral.id, time=now, pcn=referral.pcn)
    return saved
