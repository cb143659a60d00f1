"""A small network with cases on the way through it, for the tests of the link worker's day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import select

from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.matching import PersonKeys
from services.referral.domain.person import Channel, ContactRules, NotifyBy, Person, PersonDetails
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import Referral, Route, Status, Urgency
from services.referral.store.intake import write_referral
from services.referral.store.request_rows import ActivityRow
from services.referral.store.rows import ReferralRow
from shared.runtime.actor import Actor, Role, system
from shared.runtime.ids import new_id
from shared.runtime.store import Store, Tx

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PCN, OTHER_PCN = "U00001", "U00002"
JO = Actor("jo", frozenset({Role.LINK_WORKER}), frozenset({PCN}), name="Jo Bell")
AL = Actor("al", frozenset({Role.LINK_WORKER}), frozenset({PCN}), name="Al Moss")
LEE = Actor("lee", frozenset({Role.TEAM_LEAD}), frozenset({PCN}), name="Lee Frost")
FAR_LEAD = Actor("far", frozenset({Role.TEAM_LEAD}), frozenset({OTHER_PCN}), name="Fay Hart")
REFERRER = Actor("ref", frozenset({Role.REFERRER}), frozenset({"F81001"}), name="Dr Ash")

ROSA = PersonDetails(
    given_name="Rosa",
    family_name="Okafor",
    born_on=date(1951, 3, 14),
    nhs_number="9990000018",
    postcode="RM17 6AA",
    phone="07700 900 866",
    contact=ContactRules(
        channels=frozenset({Channel.CALL}), notify_by=NotifyBy.NONE, safe_times="10am to 2pm", voicemail_safe=False
    ),
    language="Polish",
    interpreter="Polish",
    adjustments="large print",
    safety_asked_on=date(2026, 11, 3),
)


async def add_case(tx: Tx, reference: str = "K7F-3QD", person: PersonDetails = ROSA, **changes: Any) -> Referral:
    """A case allocated to Jo two hours ago, unless the changes say otherwise."""
    someone = Person(new_id(), 1, person, contact_id=new_id(), contact_version=1)
    referral = Referral(
        id=new_id(),
        reference=reference,
        version=1,
        status=Status.ALLOCATED,
        route=Route.PRACTICE,
        person_id=someone.id,
        pcn=PCN,
        practice="F81001",
        urgency=Urgency.ROUTINE,
        reasons=(Reason.LONELINESS, Reason.DEBT),
        other_reason="",
        what_matters="My garden",
        agreement=Agreement(Basis.PERSON),
        made_by="ref",
        made_at=datetime(2026, 11, 18, 9, tzinfo=UTC),
        link_worker="jo",
        allocated_at=datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
    )
    referral = replace(referral, **changes)
    held = PersonKeys(nhs=referral.id.bytes, demographics=())
    await write_referral(tx, someone, referral, held, held.all, said=[])
    return referral


def an_activity(**changes: Any) -> ActivityRow:
    given: dict[str, Any] = {
        "id": new_id(),
        "sequence": 1,
        "reference": "B2C-4DF",
        "name": "Riverside Singers",
        "provider_id": "riverside",
        "provider_name": "Riverside Arts",
        "needs": ["loneliness", "arts"],
        "area": "RM17",
        "when_text": "Tuesday 2pm",
        "where_text": "The Hall",
        "minimum_age": 18,
        "cost_pence": 0,
        "accessibility": ["step-free"],
        "status": "active",
        "room": "capacity",
        "places": 3,
        "room_stated_at": datetime(2026, 11, 6, 9, tzinfo=UTC),
    }
    return ActivityRow(**(given | changes))


@asynccontextmanager
async def as_service(store: Store) -> AsyncIterator[Tx]:
    async with store.transaction(system("referral")) as tx:
        yield tx


async def said(store: Store) -> list[str]:
    """The types of the events recorded so far, in order, without prefix and version."""
    async with as_service(store) as tx:
        rows = await tx.rows(
            "SELECT convert_from(payload, 'UTF8')::jsonb->>'type' AS type FROM ("
            "SELECT seq, stream, payload FROM outbox UNION ALL SELECT seq, stream, payload FROM outbox_sent) o"
            " WHERE stream = 'referral-events' ORDER BY seq"
        )
    return [row["type"].removeprefix("kith.").removesuffix(".v1") for row in rows]


async def data_of(store: Store, name: str) -> dict[str, Any]:
    """The data of the last event of that name."""
    async with as_service(store) as tx:
        rows = await tx.rows(
            "SELECT convert_from(payload, 'UTF8')::jsonb->'data' AS data FROM outbox"
            " WHERE convert_from(payload, 'UTF8')::jsonb->>'type' = :type ORDER BY seq DESC LIMIT 1",
            type=f"kith.{name}.v1",
        )
    found: dict[str, Any] = rows[0]["data"]
    return found


async def status_of(store: Store, referral_id: UUID) -> str:
    async with as_service(store) as tx:
        row = (await tx.session.exec(select(ReferralRow).where(ReferralRow.id == referral_id))).one()
        return row.status
