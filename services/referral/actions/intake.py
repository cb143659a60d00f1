"""A referral is made: by a practice, or by the person themself; one open referral to a person in the whole network."""

from collections.abc import Iterable
from datetime import datetime

from services.referral.actions.keys import Keys
from services.referral.actions.reachable import contact_of, state_person
from services.referral.domain.intake import Incomplete, Request, check
from services.referral.domain.matching import Match, OpenEntry, PersonKeys, free_keys, keys_of, matches
from services.referral.domain.open_referral import AlreadyOpen, as_far_as
from services.referral.domain.person import Person
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import Referral, Route, Status, weight_of
from services.referral.store.network import network_of, open_practices, organisation_contact, staff_contact
from services.referral.store.notes import Note, add_note
from services.referral.store.open_people import add_entries, entries_for, standing_of
from services.referral.store.people import add_person
from services.referral.store.referrals import add_referral, fresh_reference
from shared.backbone.outbox import record
from shared.events.envelope import ContactRef
from shared.events.referral import ConsentGiven, ReferralCreated, SelfReferralReceived
from shared.events.vocabulary import AgreementBasis, ReasonGroup
from shared.events.vocabulary import Route as WireRoute
from shared.events.vocabulary import Urgency as WireUrgency
from shared.runtime.clock import LONDON
from shared.runtime.ids import new_id
from shared.runtime.store import Tx

# Somebody new takes longer to write down than a note on an open case: the answer waits until neither shows.
SELF_REFERRAL_S = 0.3


async def make_referral(tx: Tx, request: Request, keys: Keys, at: datetime) -> Referral:
    """A practice refers a person.

    Raises Incomplete, or AlreadyOpen with as much of the open referral as the caller may know. Their word that it is a
    different person stands where only name, birth date and postcode match, never against an NHS number.
    """
    check(request, at.astimezone(LONDON).date())
    if not await open_practices(tx, tx.actor.organisations & {request.practice or ""}):
        raise Incomplete({"practice": "Choose a practice that you work for"})
    person_keys = keys_of(request.person, keys.person)
    entries = await entries_for(tx, person_keys)
    found = [m for m in matches(person_keys, entries) if m.certain or not request.different_person]
    if found:
        standing = await standing_of(tx, found[0].referral_id)
        raise AlreadyOpen(as_far_as(standing, tx.actor.organisations, certain=found[0].certain))
    contact = await state_person(tx, request.person, keys, at)
    return await _create(tx, request, contact, person_keys, entries, at)


async def refer_self(tx: Tx, request: Request, keys: Keys, at: datetime) -> None:
    """Somebody refers themself. Known or not, the answer is nothing and the message is the same: who has an open
    referral, perhaps, is told to those who carry it, as a note. Raises Incomplete."""
    check(request, at.astimezone(LONDON).date())
    person_keys = keys_of(request.person, keys.person)
    entries = await entries_for(tx, person_keys)
    found = matches(person_keys, entries)
    contact = await state_person(tx, request.person, keys, at)
    for match in found:
        add_note(tx, match.referral_id, _note(request, match, at, contact))
    if not found:
        await _create(tx, request, contact, person_keys, entries, at)
    await _acknowledge(tx, request, contact, at)


async def _acknowledge(tx: Tx, request: Request, contact: ContactRef, at: datetime) -> None:
    """Have the receipt sent to where the person asks, under an id of its own, from the network of the practice that
    they name: nothing in it hangs on whether we know them."""
    received, pcn = new_id(), await network_of(tx, request.practice, at.astimezone(LONDON).date())
    await record(tx, SelfReferralReceived(person=contact), subject=received, key=received, time=at, pcn=pcn)


def _note(request: Request, match: Match, at: datetime, contact: ContactRef) -> Note:
    """What the person wrote the second time: it may be all we hear of a new number or a new trouble."""
    person = request.person
    said = {
        "Reasons": ", ".join(reason.label for reason in request.reasons),
        "In their words": " ".join(filter(None, [request.other_reason, request.what_matters])),
        "Phone": person.phone,
        "Email": person.email,
        "Safe times": person.contact.safe_times,
        "Do not": person.contact.do_not,
        "Language": person.language,
        "Interpreter": person.interpreter,
        "Needs": person.adjustments,
    }
    words = "\n".join(f"{what}: {words}" for what, words in said.items() if words)
    return Note(at, match.certain, words, contact.contact_id)


async def _create(
    tx: Tx, request: Request, contact: ContactRef, keys: PersonKeys, entries: Iterable[OpenEntry], at: datetime
) -> Referral:
    person = Person(new_id(), 1, request.person, contact.contact_id, contact.version)
    referral = await _received(tx, request, person, at)
    await add_person(tx, person)
    await add_referral(tx, referral)
    add_entries(tx, referral.id, keys, free_keys(keys, list(entries)))
    await _record_created(tx, referral, person)
    return referral


async def _received(tx: Tx, request: Request, person: Person, at: datetime) -> Referral:
    if request.agreement is None:
        raise Incomplete({"agreement": "Say who agreed to this referral"})
    practice = request.practice if await open_practices(tx, {request.practice or ""}) else None
    return Referral(
        id=new_id(),
        reference=await fresh_reference(tx),
        version=1,
        status=Status.RECEIVED,
        route=request.route,
        person_id=person.id,
        pcn=await network_of(tx, practice, at.astimezone(LONDON).date()),
        practice=practice,
        urgency=request.urgency,
        reasons=request.reasons,
        other_reason=request.other_reason if Reason.OTHER in request.reasons else "",
        what_matters=request.what_matters,
        agreement=request.agreement,
        made_by=tx.actor.subject,
        made_at=at,
        weight=weight_of(request.urgency, bool(person.details.interpreter)),
    )


async def referrer_of(tx: Tx, referral: Referral) -> ContactRef | None:
    """Whom we tell as the referrer: who made it, else their practice; nobody, when the person referred themself."""
    if referral.route is Route.SELF:
        return None
    return await staff_contact(tx, referral.made_by) or await organisation_contact(tx, referral.practice)


async def _record_created(tx: Tx, referral: Referral, person: Person) -> None:
    created = ReferralCreated(
        reference=referral.reference,
        route=WireRoute(referral.route),
        reason_group=ReasonGroup(referral.reasons[0].group),
        urgency=WireUrgency(referral.urgency),
        practice=referral.practice,
        person=contact_of(person),
        referrer=await referrer_of(tx, referral),
    )
    consent = ConsentGiven(basis=AgreementBasis(referral.agreement.basis))
    for fact in (created, consent):
        await record(tx, fact, subject=referral.id, key=referral.id, time=referral.made_at, pcn=referral.pcn)
