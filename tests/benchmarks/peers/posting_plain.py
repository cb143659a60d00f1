"""The floor under the intake: Starlette by hand, with asyncpg's own pool, sending the statements that ours sends.

The same rules are asked and the same contact is sealed; the token is believed as long as ours. There is nothing else:
no middleware, no routes but one, no log, no figures, no refusals in words.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.referral.api.bodies import ReferralIn
from services.referral.domain.intake import Request as Asked
from services.referral.domain.intake import at_their_practice, check
from services.referral.domain.matching import OpenEntry, PersonKeys, free_keys, keys_of, matches
from services.referral.domain.network import Membership, network_on
from services.referral.domain.person import Person
from services.referral.domain.referral import Referral, Status, weight_of
from services.referral.store import intake
from services.referral.store.people import columns_of_person
from services.referral.store.referrals import columns_of_referral
from shared.backbone import outbox
from shared.door.keys import Keys
from shared.door.once import CLAIM, KEEP, fingerprint
from shared.door.tokens import Tokens
from shared.runtime.actor import Actor, Role
from shared.runtime.clock import LONDON, now
from shared.runtime.ids import new_id, new_reference
from shared.runtime.sealing import public_key, seal
from tests.benchmarks.peers.posting import PATH, PERSON_KEY, POOL, Place

ZEROS = '"sequence":"00000000000000000000'
encode = msgspec.json.Encoder().encode


def make_app(place: Place) -> Starlette:
    """One route over one pool."""
    tokens, contact_key = Tokens(place.issuer, "kith", Keys(place.jwks)), public_key(place.contact_key)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(place.dsn.replace("+asyncpg", ""), min_size=POOL, max_size=POOL) as pool:
            app.state.pool = pool
            yield

    async def make_a_referral(request: Request) -> Response:
        actor = await tokens.actor(request.headers["authorization"].removeprefix("Bearer "))
        if not actor.may(Role.REFERRER):
            return Response(status_code=403)
        body, key = ReferralIn.model_validate_json(await request.body()), request.headers["idempotency-key"]
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            if not await connection.fetch(CLAIM, actor.subject, key, fingerprint(body)):
                return Response(status_code=409)
            answer = await make(connection, actor, body, contact_key)
            if answer is None:
                return Response(status_code=409)
            await connection.fetch(KEEP, actor.subject, key, 201, "", answer)
        return Response(answer, 201, media_type="application/json")

    return Starlette(routes=[Route(PATH, make_a_referral, methods=["POST"])], lifespan=lifespan)


async def make(connection: Any, actor: Actor, body: ReferralIn, contact_key: X25519PublicKey) -> bytes | None:
    """Lock, look, write: the answer, or None where the person has an open referral."""
    moment = now()
    today, asked = moment.astimezone(LONDON).date(), body.asked(moment.astimezone(LONDON).date())
    keys = keys_of(asked.person, PERSON_KEY)
    both = [key for key in (keys.nhs, keys.demographics[0]) if key]
    await connection.fetch(intake.LOCK, sorted(int.from_bytes(key[:8], signed=True) for key in both))
    fresh = [new_reference() for _ in range(3)]
    row = (await connection.fetch(intake.KNOWN, list(keys.all), list(actor.organisations), actor.subject, fresh))[0]
    practices = {code: id_ for code, id_, _ in row["practices"]}
    asked = at_their_practice(asked, practices)
    check(asked, today)
    entries = [OpenEntry(*entry) for entry in row["entries"]]
    if asked.practice not in practices or matches(keys, entries):
        return None
    pcn = network_on((Membership(*joined) for joined in row["memberships"] if joined[0] == asked.practice), today)
    person = Person(new_id(), 1, asked.person, new_id(), 1)
    reference = next(one for one in fresh if one not in row["taken"])
    referral = _referral(asked, person.id, reference, pcn, actor.subject, moment)
    events = _events(referral, person, row["staff"], contact_key)
    await _write(connection, person, referral, keys, free_keys(keys, entries), events)
    return _answer(referral)


def _referral(asked: Asked, person: UUID, reference: str, pcn: str | None, subject: str, moment: datetime) -> Referral:
    assert asked.agreement is not None
    return Referral(
        id=new_id(),
        reference=reference,
        version=1,
        status=Status.RECEIVED,
        route=asked.route,
        person_id=person,
        pcn=pcn,
        practice=asked.practice,
        urgency=asked.urgency,
        reasons=asked.reasons,
        other_reason="",
        what_matters=asked.what_matters,
        agreement=asked.agreement,
        made_by=subject,
        made_at=moment,
        weight=weight_of(asked.urgency, bool(asked.person.interpreter)),
    )


Written = tuple[str, str, str, str]
"""Stream, subject, the text before the number and after it."""


def _events(referral: Referral, person: Person, staff: Any, key: X25519PublicKey) -> list[Written]:
    contact, about = _contact(person), str(person.contact_id)
    place = {"topic": "referral-contacts", "contact_id": person.contact_id, "version": 1}
    sealed = seal(encode(contact), recipient=key, **place)  # type: ignore[arg-type]
    stated = {"contact_id": about, "contact_version": 1, "sealed": sealed.model_dump()}
    created = {
        "reference": referral.reference,
        "route": referral.route,
        "reason_group": referral.reasons[0].group,
        "urgency": referral.urgency,
        "practice": referral.practice,
        "person": {"contact_id": about, "version": 1},
        "referrer": {"contact_id": str(staff[0][0]), "version": staff[0][1]},
    }
    said, common = str(referral.id), {"pcn": referral.pcn}
    return [
        _event("referral-contacts", "contact-stated", about, referral.made_at, stated, {}),
        _event("referral-events", "referral-created", said, referral.made_at, created, common),
        _event("referral-events", "consent-given", said, referral.made_at, {"basis": referral.agreement.basis}, common),
    ]


def _contact(person: Person) -> dict[str, Any]:
    details = person.details
    found = {
        "kind": "person",
        "what_to_call": details.known_as or details.given_name,
        "full_name": f"{details.given_name} {details.family_name}",
        "notify_by": details.contact.notify_by,
        "unsafe": details.contact.unsafe,
        "email": details.email,
        "phone": details.phone,
        "address_lines": details.address_lines,
        "postcode": details.postcode,
    }
    return {name: value for name, value in found.items() if value}


def _event(
    stream: str, name: str, subject: str, moment: datetime, data: dict[str, Any], more: dict[str, Any]
) -> Written:
    head = {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "referral",
        "type": f"kith.{name}.v1",
        "subject": subject,
        "time": moment,
        "datacontenttype": "application/json",
        "partitionkey": subject,
        "sequence": "00000000000000000000",
        "correlationid": str(new_id()),
    }
    before, _, after = encode({**head, **more, "data": data}).decode().partition(ZEROS)
    return stream, subject, before + '"sequence":"', after


async def _write(
    connection: Any, person: Person, referral: Referral, keys: PersonKeys, taken: Any, events: list[Written]
) -> None:
    of_person, of_referral = columns_of_person(person), columns_of_referral(referral)
    kinds = ["nhs" if hashed == keys.nhs else "demographics" for hashed in taken]
    streams, subjects, before, after = map(list, zip(*events, strict=True))
    await connection.fetch(
        f"WITH {intake.beside(tuple(of_person), tuple(of_referral))}{outbox.RECORD}",
        *(streams, subjects, subjects, before, after, [1, 2, 1]),
        *(*of_person.values(), *of_referral.values(), referral.id, list(taken), kinds),
    )


def _answer(referral: Referral) -> bytes:
    return encode(
        {
            "id": referral.id,
            "reference": referral.reference,
            "version": 1,
            "status": referral.status,
            "urgency": referral.urgency,
            "route": referral.route,
            "pcn": referral.pcn,
            "practice": referral.practice,
            "made_on": referral.made_at.astimezone(LONDON).date(),
            "owed_by": referral.owed_by,
            "next": referral.next,
            "link_worker": None,
        }
    )
