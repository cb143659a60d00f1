"""A team lead decides: who takes the case, or why the team cannot."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from services.referral.actions.intake import referrer_of
from services.referral.actions.reachable import contact_of
from services.referral.domain.allocation import Candidate, best_match_first, chosen, least_loaded
from services.referral.domain.person import MayKnow, Person
from services.referral.domain.referral import CARRIED, Decline, Referral, allocated, declined
from services.referral.store.network import networks, staff_contact
from services.referral.store.network_rows import StaffRow
from services.referral.store.open_people import release_person
from services.referral.store.people import load_person
from services.referral.store.referrals import load_referral, save_referral
from services.referral.store.workload import candidates, lock_link_workers
from shared.backbone.outbox import record
from shared.events.referral import ReferralAccepted, ReferralAllocated, ReferralDeclined
from shared.events.vocabulary import ReferralDeclineReason
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Decided:
    """A referral after a decision, and who took it."""

    referral: Referral
    link_worker_name: str = ""


async def who_could_take(tx: Tx, referral: Referral, person: Person) -> list[Candidate]:
    """The link workers of the person's network, best match first; for the borough queue those of the caller's."""
    pcns = await _networks_for(tx, referral)
    return best_match_first(await candidates(tx, pcns, person.details.nhs_number), person.details.language)


async def _networks_for(tx: Tx, referral: Referral) -> list[str]:
    if referral.pcn:
        return [referral.pcn]
    return [network.code for network in await networks(tx, tx.actor.organisations)]


async def allocate(
    tx: Tx, reference: str, link_worker: str | None, at: datetime, *, expected: int | None = None
) -> Decided:
    """Accept and allocate in one step, to a named link worker or, with None, to the one with the least weighted load.

    `expected` is the version the caller decided on. Raises ReferralNotFound, NoLinkWorker, NotOpen, StaleVersion.
    """
    before = await load_referral(tx, reference)
    pcns = await _networks_for(tx, before)
    await lock_link_workers(tx, pcns)
    able = await candidates(tx, pcns)
    worker = chosen(able, link_worker) if link_worker else least_loaded(able)
    after = await save_referral(tx, allocated(before, worker.subject, worker.pcn, at), expected=expected)
    last = update(StaffRow).where(col(StaffRow.subject) == worker.subject).values(last_allocated_at=at)
    await tx.session.exec(last)
    await _record_allocated(tx, before, after, at)
    return Decided(after, worker.name)


async def _record_allocated(tx: Tx, before: Referral, after: Referral, at: datetime) -> None:
    contact = await staff_contact(tx, after.link_worker)
    assert contact is not None
    assert after.link_worker is not None
    person = await load_person(tx, after.person_id)
    allocation = ReferralAllocated(
        reference=after.reference,
        link_worker=after.link_worker,
        link_worker_contact=contact,
        person=contact_of(person),
        referrer=await referrer_of(tx, after),
        referrer_may_follow=MayKnow.GP_PRACTICE in person.details.may_know,
    )
    accepted = [] if before.status in CARRIED else [ReferralAccepted(reference=after.reference)]
    for fact in (*accepted, allocation):
        await record(tx, fact, subject=after.id, key=after.id, time=at, pcn=after.pcn)


async def decline(
    tx: Tx, reference: str, reason: Decline, words: str, at: datetime, *, expected: int | None = None
) -> Decided:
    """The team cannot take the referral; who made it and the person are told so. Raises ReferralNotFound, NotWaiting,
    StaleVersion."""
    before = await load_referral(tx, reference)
    after = await save_referral(tx, declined(before, reason, words, at), expected=expected)
    await release_person(tx, after.id)
    fact = ReferralDeclined(
        reference=after.reference,
        reason=ReferralDeclineReason(reason),
        person=contact_of(await load_person(tx, after.person_id)),
        referrer=await referrer_of(tx, after),
    )
    await record(tx, fact, subject=after.id, key=after.id, time=at, pcn=after.pcn)
    return Decided(after)
