"""Record an attempt to reach the person; the first time they are reached makes the case active."""

from datetime import datetime

from services.referral.domain import contacts
from services.referral.domain.case import activated, carried
from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.referral import Referral, Status
from services.referral.store.cases import load_case
from services.referral.store.people import load_person
from services.referral.store.records import add_attempt, load_attempts
from services.referral.store.referrals import save_referral
from shared.backbone.outbox import record
from shared.events import vocabulary
from shared.events.referral import ContactAttempted
from shared.runtime.store import Tx


async def record_contact(
    tx: Tx, reference: str, *, mode: ContactMode, outcome: ContactOutcome, at: datetime, note: str, now: datetime
) -> Referral:
    """The case after the attempt. Raises ContactError, NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    person = await load_person(tx, referral.person_id)
    rules = person.details.contact
    safe = rules.voicemail_safe and not rules.unsafe
    attempt = contacts.attempt(mode, outcome, at, now, voicemail_safe=safe, note=note)
    number = len(await load_attempts(tx, referral.id)) + 1
    add_attempt(tx, referral.id, number, attempt)
    if attempt.reached and referral.status is not Status.ACTIVE:
        referral = await save_referral(tx, activated(referral))
    fact = ContactAttempted(
        attempt=number, mode=vocabulary.ContactMode(mode), outcome=vocabulary.ContactOutcome(outcome)
    )
    await record(tx, fact, subject=referral.id, key=referral.id, time=at, pcn=referral.pcn)
    return referral
