"""Ask a group for a place, only tell the person of one, take a request back, or note that nothing fits."""

from datetime import datetime

from services.referral.domain import prescriptions as rules
from services.referral.domain.case import carried
from services.referral.domain.fit import Answer, Fit, fit
from services.referral.domain.owed import london_day
from services.referral.domain.prescriptions import REPLY_WORKING_DAYS, Request, UnmetCause, WithdrawalReason
from services.referral.domain.reasons import ReasonGroup
from services.referral.domain.referral import Referral
from services.referral.store import requests
from services.referral.store.cases import load_case
from services.referral.store.people import load_person
from services.referral.store.request_rows import ActivityRow
from services.referral.store.requests import Prescription, PrescriptionNotFound
from shared.backbone.outbox import record
from shared.events import vocabulary
from shared.events.referral import ActivityPrescribed, ActivitySignposted, NeedUnmet, PrescriptionWithdrawn
from shared.events.vocabulary import ListingStatus
from shared.runtime.clock import add_working_days, end_of_day
from shared.runtime.ids import new_id, new_reference
from shared.runtime.store import StaleVersion, Tx

_MEETS: dict[Answer, bool | None] = {Answer.YES: True, Answer.NO: False, Answer.UNKNOWN: None}


def default_answer_by(now: datetime) -> datetime:
    """The end of the fifth working day from today, in London."""
    return end_of_day(add_working_days(london_day(now), REPLY_WORKING_DAYS))


async def fit_of(tx: Tx, referral: Referral, activity: ActivityRow, now: datetime) -> Fit:
    """How the activity fits the person of a case that the caller has loaded."""
    person = await load_person(tx, referral.person_id)
    return fit(requests.offer_of(activity), person.details, london_day(now))


async def prescribe(
    tx: Tx, reference: str, activity: ActivityRow, *, agreed: bool, answer_by: datetime | None, now: datetime
) -> Prescription:
    """A place asked for, under a reference of its own. Raises PrescriptionError, NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    until = answer_by or default_answer_by(now)
    rules.check_ask(
        activity.name,
        listed=activity.status == ListingStatus.ACTIVE,
        asked_already=await requests.open_for(tx, referral.id, activity.id),
        agreed=agreed,
        answer_by=until,
        now=now,
    )
    answer = (await fit_of(tx, referral, activity, now)).meets_rules
    asked = _asked(tx, referral, activity, until, answer, now)
    requests.add_prescription(tx, asked)
    await _tell_of_request(tx, referral, asked)
    return asked


def _asked(
    tx: Tx, referral: Referral, activity: ActivityRow, until: datetime, answer: Answer, now: datetime
) -> Prescription:
    return Prescription(
        id=new_id(),
        reference=new_reference(),
        version=1,
        referral_id=referral.id,
        activity_id=activity.id,
        activity_name=activity.name,
        provider_id=activity.provider_id,
        provider_name=activity.provider_name,
        asked_at=now,
        answer_by=until,
        person_agreed=True,
        meets_rules=answer,
        by=tx.actor.subject,
        request=Request(),
    )


async def _tell_of_request(tx: Tx, referral: Referral, asked: Prescription) -> None:
    fact = ActivityPrescribed(
        prescription_id=asked.id,
        request_reference=asked.reference,
        activity_id=asked.activity_id,
        provider_id=asked.provider_id,
        reason_group=_group(referral),
        urgency=vocabulary.Urgency(referral.urgency),
        answer_by=asked.answer_by,
        meets_rules=_MEETS[asked.meets_rules],
    )
    await record(tx, fact, subject=referral.id, key=referral.id, time=asked.asked_at, pcn=referral.pcn)


def _group(referral: Referral) -> vocabulary.ReasonGroup:
    return vocabulary.ReasonGroup(referral.reasons[0].group)


async def signpost(tx: Tx, reference: str, activity: ActivityRow, now: datetime) -> None:
    """The person is told of an activity: counted, and nobody is asked. Raises NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    requests.add_signpost(tx, referral.id, activity, now)
    fact = ActivitySignposted(activity_id=activity.id, provider_id=activity.provider_id, reason_group=_group(referral))
    await record(tx, fact, subject=referral.id, key=referral.id, time=now, pcn=referral.pcn)


async def note_unmet_need(tx: Tx, reference: str, group: ReasonGroup, cause: UnmetCause, now: datetime) -> None:
    """The community had nothing that fits. Raises NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    requests.add_unmet_need(tx, referral.id, group, cause, now)
    fact = NeedUnmet(reason_group=vocabulary.ReasonGroup(group), cause=vocabulary.UnmetCause(cause))
    await record(tx, fact, subject=referral.id, key=referral.id, time=now, pcn=referral.pcn)


async def find_request(tx: Tx, referral: Referral, request_reference: str) -> Prescription:
    """The request of this case with that reference. Raises PrescriptionNotFound."""
    for each in await requests.load_prescriptions(tx, referral.id):
        if each.reference == request_reference:
            return each
    raise PrescriptionNotFound


async def withdraw(
    tx: Tx,
    reference: str,
    request_reference: str,
    reason: WithdrawalReason,
    *,
    expected: int | None,
    now: datetime,
) -> Prescription:
    """A request taken back. `expected` is the request's version the page showed. Raises AlreadySettled, StaleVersion,
    PrescriptionNotFound, NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    found = await requests.load_prescription(tx, (await find_request(tx, referral, request_reference)).id)
    if expected is not None and expected != found.version:
        raise StaleVersion
    await take_back(tx, referral, found, reason, now)
    return found


async def take_back(
    tx: Tx, referral: Referral, prescription: Prescription, reason: WithdrawalReason, now: datetime
) -> None:
    """Withdraw a request that has been loaded, and say so to the group."""
    after = rules.withdraw(prescription.request, reason, now)
    await requests.save_request(tx, prescription, after)
    assert after.latest is not None
    requests.add_news(tx, prescription.id, after.latest)
    fact = PrescriptionWithdrawn(prescription_id=prescription.id, reason=vocabulary.WithdrawalReason(reason))
    await record(tx, fact, subject=referral.id, key=referral.id, time=now, pcn=referral.pcn)
