"""The peer of the intake: FastAPI with SQLModel, written as their documentation shows it, asynchronous.

A session as a dependency, `session.add`, `commit`, `refresh`, a response model, the token checked in a dependency. The
same rows are read and written as ours, by the same rules; the outbox's counter is a row that is locked.
"""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.referral.api.bodies import ReferralIn, ReferralOut
from services.referral.domain.intake import Request, at_their_practice, problems
from services.referral.domain.matching import OpenEntry, PersonKeys, free_keys, keys_of, matches
from services.referral.domain.network import Kind, Membership, Standing, network_on
from services.referral.domain.person import Person
from services.referral.domain.referral import Referral, Status, weight_of
from services.referral.store.network_rows import MembershipRow, OrganisationRow, StaffRow
from services.referral.store.people import columns_of_person
from services.referral.store.referrals import columns_of_referral, to_referral
from services.referral.store.rows import OpenPersonRow, PersonRow, ReferralRow
from shared.door.once import fingerprint
from shared.events.contact import ContactDetails, ContactStated
from shared.events.envelope import ContactRef, Event, Fact
from shared.events.referral import ConsentGiven, ReferralCreated
from shared.events.streams import REFERRAL_CONTACTS, REFERRAL_EVENTS
from shared.events.vocabulary import AgreementBasis, Channel, ReasonGroup, Route, Urgency
from shared.runtime.clock import LONDON, now
from shared.runtime.ids import new_id, new_reference
from shared.runtime.sealing import public_key, seal
from tests.benchmarks.peers.posting import PERSON_KEY, POOL, Place


class Base(SQLModel, registry=registry()):
    """The tables that every service has."""


class Outbox(Base, table=True):
    seq: int | None = Field(default=None, primary_key=True)
    stream: str
    key: str
    payload: bytes


class EventSequence(Base, table=True):
    __tablename__ = "event_sequence"

    subject: str = Field(primary_key=True)
    next: int


class Idempotency(Base, table=True):
    key: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    fingerprint: bytes
    status: int | None = None
    answer: bytes | None = None


# Kept from one request to the next, as a careful author would: pydantic builds a generic model anew when it may.
EVENTS: dict[type[Fact], Any] = {fact: Event[fact] for fact in (ReferralCreated, ConsentGiven, ContactStated)}  # type: ignore[valid-type]


def make_app(place: Place) -> FastAPI:
    """The whole app, as one file of a tutorial would hold it."""
    engine = create_async_engine(place.dsn, pool_size=POOL, max_overflow=0)
    key, contact_key = ECKey.import_key(json.loads(place.key)), public_key(place.contact_key)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            yield session

    async def get_claims(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict[str, Any]:
        claims = jwt.decode(given.credentials, key, algorithms=["ES256"]).claims
        expected = jwt.JWTClaimsRegistry(iss={"value": place.issuer}, aud={"value": "kith"}, exp={"essential": True})
        expected.validate(claims)
        if "referrer" not in claims["roles"]:
            raise HTTPException(403)
        return claims

    @app.post("/referral/api/referrals", status_code=201, response_model=ReferralOut)
    async def make_a_referral(
        body: ReferralIn,
        session: Annotated[AsyncSession, Depends(get_session)],
        claims: Annotated[dict[str, Any], Depends(get_claims)],
        idempotency_key: Annotated[str, Header()],
    ) -> Any:
        kept = Idempotency(key=idempotency_key, subject=claims["sub"], fingerprint=fingerprint(body))
        session.add(kept)
        try:
            await session.flush()
        except IntegrityError:
            await session.rollback()
            return await answered(session, kept)
        moment = now()
        request = await checked(session, body, claims["orgs"], moment)
        keys = keys_of(request.person, PERSON_KEY)
        entries = await entries_for(session, keys)
        if matches(keys, entries):
            raise HTTPException(409, "This person has an open referral.")
        row, facts = await add_referral(session, request, claims["sub"], keys, entries, moment)
        sealed = contact_of(request, facts.person.contact_id, contact_key)
        consent = ConsentGiven(basis=AgreementBasis(row.agreement_basis))
        await add_event(session, REFERRAL_CONTACTS.name, sealed, facts.person.contact_id, moment, None)
        for fact in (facts, consent):
            await add_event(session, REFERRAL_EVENTS.name, fact, row.id, moment, row.pcn)
        made = ReferralOut.of(to_referral(row))
        kept.status, kept.answer = 201, made.model_dump_json().encode()
        await session.commit()
        await session.refresh(row)
        return made

    return app


async def answered(session: AsyncSession, asked: Idempotency) -> ReferralOut:
    """What this caller was answered under this key."""
    kept = await session.get(Idempotency, (asked.key, asked.subject))
    if kept is None or kept.answer is None or kept.fingerprint != asked.fingerprint:
        raise HTTPException(422, "This idempotency key was used for something else.")
    return ReferralOut.model_validate_json(kept.answer)


async def checked(session: AsyncSession, body: ReferralIn, codes: list[str], moment: datetime) -> Request:
    """The request for an open practice of the caller's, complete."""
    today, row = moment.astimezone(LONDON).date(), OrganisationRow
    wanted = select(row.code).where(row.kind == Kind.PRACTICE, row.standing != Standing.CLOSED)
    practices = (await session.exec(wanted.where(col(row.code).in_(codes)))).all()
    request = at_their_practice(body.asked(today), practices)
    if wrong := problems(request, today):
        raise HTTPException(422, wrong)
    if request.practice not in practices:
        raise HTTPException(422, {"practice": "Choose a practice that you work for"})
    return request


async def entries_for(session: AsyncSession, keys: PersonKeys) -> list[OpenEntry]:
    """Who holds the person's keys, under the same locks as ours."""
    asked = sorted(int.from_bytes(key[:8], signed=True) for key in (keys.nhs, keys.demographics[0]) if key)
    for number in asked:
        await (await session.connection()).execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})
    held = (await session.exec(select(OpenPersonRow).where(col(OpenPersonRow.hash).in_(keys.all)))).all()
    return [OpenEntry(row.hash, row.referral_id, row.kind == "nhs") for row in held]


async def add_referral(
    session: AsyncSession,
    request: Request,
    subject: str,
    keys: PersonKeys,
    entries: Iterable[OpenEntry],
    moment: datetime,
) -> tuple[ReferralRow, ReferralCreated]:
    """Person, referral and keys; and the fact that tells of them."""
    of_practice = select(MembershipRow).where(MembershipRow.practice == request.practice)
    rows = (await session.exec(of_practice)).all()
    joined = (Membership(row.practice, row.network, row.starts, row.ends) for row in rows)
    person = Person(new_id(), 1, request.person, new_id(), 1)
    session.add(PersonRow(**columns_of_person(person)))
    await session.flush()
    pcn = network_on(joined, moment.astimezone(LONDON).date())
    row = ReferralRow(**columns_of_referral(_referral(request, person.id, await fresh(session), pcn, subject, moment)))
    session.add(row)
    await session.flush()
    for hashed in free_keys(keys, list(entries)):
        kind = "nhs" if hashed == keys.nhs else "demographics"
        session.add(OpenPersonRow(hash=hashed, kind=kind, referral_id=row.id))
    staff = await session.get(StaffRow, subject)
    created = ReferralCreated(
        reference=row.reference,
        route=Route.PRACTICE,
        reason_group=ReasonGroup(request.reasons[0].group),
        urgency=Urgency(row.urgency),
        practice=row.practice,
        person=ContactRef(contact_id=person.contact_id, version=1),
        referrer=ContactRef(contact_id=staff.contact_id, version=staff.contact_version) if staff else None,
    )
    return row, created


def _referral(
    request: Request, person_id: UUID, reference: str, pcn: str | None, subject: str, moment: datetime
) -> Referral:
    assert request.agreement is not None
    return Referral(
        id=new_id(),
        reference=reference,
        version=1,
        status=Status.RECEIVED,
        route=request.route,
        person_id=person_id,
        pcn=pcn,
        practice=request.practice,
        urgency=request.urgency,
        reasons=request.reasons,
        other_reason="",
        what_matters=request.what_matters,
        agreement=request.agreement,
        made_by=subject,
        made_at=moment,
        weight=weight_of(request.urgency, bool(request.person.interpreter)),
    )


async def fresh(session: AsyncSession) -> str:
    """A reference that no referral has."""
    while True:
        reference = new_reference()
        taken = select(ReferralRow.id).where(ReferralRow.reference == reference)
        if (await session.exec(taken)).one_or_none() is None:
            return reference


def contact_of(request: Request, contact_id: UUID, key: Any) -> ContactStated:
    """How the person is reached, sealed."""
    person = request.person
    details = ContactDetails(
        kind="person",
        what_to_call=person.known_as or person.given_name,
        full_name=f"{person.given_name} {person.family_name}",
        notify_by=Channel(person.contact.notify_by),
        unsafe=person.contact.unsafe,
        email=person.email or None,
        phone=person.phone or None,
        address_lines=person.address_lines,
        postcode=person.postcode or None,
    )
    plain = details.model_dump_json(exclude_defaults=True).encode()
    sealed = seal(plain, recipient=key, topic=REFERRAL_CONTACTS.name, contact_id=contact_id, version=1)
    return ContactStated(contact_id=contact_id, contact_version=1, sealed=sealed)


async def add_event(
    session: AsyncSession, stream: str, fact: Fact, subject: UUID, moment: datetime, pcn: str | None
) -> None:
    """The event with its number, counted in a row that is locked until the commit."""
    counter = await session.get(EventSequence, str(subject), with_for_update=True)
    counter = counter or EventSequence(subject=str(subject), next=1)
    event = EVENTS[type(fact)](
        id=new_id(),
        source="referral",
        type=fact.type_name(),
        subject=str(subject),
        time=moment,
        key=str(subject),
        sequence=counter.next,
        correlation=str(new_id()),
        pcn=pcn,
        data=fact,
    )
    counter.next += 1
    session.add(counter)
    session.add(Outbox(stream=stream, key=str(subject), payload=event.wire()))
