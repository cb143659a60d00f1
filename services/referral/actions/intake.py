"""A referral is made: by a practice, or by the person themself; one open referral to a person in the whole network."""

from datetime import date, datetime

from services.referral.actions.keys import Keys
from services.referral.actions.reachable import contact_of, say_person
from services.referral.domain.intake import Incomplete, Request, at_their_practice, check
from services.referral.domain.matching import Match, free_keys, keys_of, matches
from services.referral.domain.open_referral import AlreadyOpen, as_far_as
from services.referral.domain.person import Person
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import Referral, Route, Status, weight_of
from services.referral.store.intake import Known, known_of, write_referral
from services.referral.store.network import organisation_contact, staff_contact
from services.referral.store.notes import Note, add_note
from services.referral.store.open_people import standing_of
from shared.backbone.outbox import Said, record_many, say
from shared.events.envelope import ContactRef
from shared.events.referral import ConsentGiven, ReferralCreated, SelfReferralReceived
from shared.events.vocabulary import AgreementBasis, ReasonGroup
from shared.events.vocabulary import Route as WireRoute
from shared.events.vocabulary import Urgency as WireUrgency
from shared.runtime.clock import LONDON
from shared.runtime.ids import new_id
from shared.runtime.store import AnyTx, Tx

# Somebody new takes longer to write down than a note on an open case: the answer waits until neither shows.
SELF_REFERRAL_S = 0.3


async def make_referral(tx: AnyTx, request: Request, keys: Keys, at: datetime) -> Referral:
    """A practice refers a person.

    Raises Incomplete, or AlreadyOpen with as much of the open referral as the caller may know. Their word that it is a
    different person stands where only name, birth date and postcode match, never against an NHS number.
    """
    person_keys = keys_of(request.person, keys.person)
    known = await known_of(tx, person_keys, tx.actor.organisations)
    request = at_their_practice(request, known.practices)
    check(request, _day(at))
    if request.practice not in known.practices:
        raise Incomplete({"practice": "Choose a practice that you work for"})
    found = [m for m in matches(person_keys, known.entries) if m.certain or not request.different_person]
    if found:
        standing = await standing_of(tx, found[0].referral_id)
        raise AlreadyOpen(as_far_as(standing, tx.actor.organisations, certain=found[0].certain))
    ref, contact = say_person(tx, request.person, keys, at)
    person, referral = _received(tx, request, ref, known, at)
    said = [contact, *_created(tx, referral, person, known)]
    await write_referral(tx, person, referral, person_keys, free_keys(person_keys, known.entries), said)
    return referral


async def refer_self(tx: Tx, request: Request, keys: Keys, at: datetime) -> None:
    """Somebody refers themself. Known or not, the answer is nothing and the message is the same: who has an open
    referral, perhaps, is told to those who carry it, as a note. Raises Incomplete."""
    check(request, _day(at))
    person_keys = keys_of(request.person, keys.person)
    known = await known_of(tx, person_keys, {request.practice or ""})
    ref, contact = say_person(tx, request.person, keys, at)
    receipt = _receipt(tx, ref, known.network(request.practice, _day(at)), at)
    if found := matches(person_keys, known.entries):
        for match in found:
            add_note(tx, match.referral_id, _note(request, match, at, ref))
        await record_many(tx, [contact, receipt])
        return
    person, referral = _received(tx, request, ref, known, at)
    said = [contact, *_created(tx, referral, person, known), receipt]
    await write_referral(tx, person, referral, person_keys, free_keys(person_keys, known.entries), said)


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _receipt(tx: Tx, contact: ContactRef, pcn: str | None, at: datetime) -> Said:
    """Has the receipt sent to where the person asks, under an id of its own, from the network of the practice that
    they name: nothing in it hangs on whether we know them."""
    received = new_id()
    return say(tx, SelfReferralReceived(person=contact), subject=received, key=received, time=at, pcn=pcn)


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


def _received(tx: AnyTx, request: Request, contact: ContactRef, known: Known, at: datetime) -> tuple[Person, Referral]:
    if request.agreement is None:
        raise Incomplete({"agreement": "Say who agreed to this referral"})
    person = Person(new_id(), 1, request.person, contact.contact_id, contact.version)
    practice = request.practice if request.practice in known.practices else None
    referral = Referral(
        id=new_id(),
        reference=known.reference,
        version=1,
        status=Status.RECEIVED,
        route=request.route,
        person_id=person.id,
        pcn=known.network(practice, _day(at)),
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
    return person, referral


async def referrer_of(tx: Tx, referral: Referral) -> ContactRef | None:
    """Whom we tell as the referrer: who made it, else their practice; nobody, when the person referred themself."""
    if referral.route is Route.SELF:
        return None
    return await staff_contact(tx, referral.made_by) or await organisation_contact(tx, referral.practice)


def _created(tx: AnyTx, referral: Referral, person: Person, known: Known) -> list[Said]:
    by_practice = referral.route is Route.PRACTICE
    created = ReferralCreated(
        reference=referral.reference,
        route=WireRoute(referral.route),
        reason_group=ReasonGroup(referral.reasons[0].group),
        urgency=WireUrgency(referral.urgency),
        practice=referral.practice,
        person=contact_of(person),
        referrer=known.asker or known.practices.get(referral.practice or "") if by_practice else None,
    )
    consent = ConsentGiven(basis=AgreementBasis(referral.agreement.basis))
    of, at, pcn = referral.id, referral.made_at, referral.pcn
    return [say(tx, fact, subject=of, key=of, time=at, pcn=pcn) for fact in (created, consent)]
