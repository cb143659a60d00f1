"""The four services once more, as FastAPI, SQLModel, faststream-outbox and FastStream show it in their documentation.

Thinner than ours: no permissions, no sealing, no parking, no numbering; the same way from a referral to a message that
is queued and to a row of the report. Its outbox is polled, and woken by its own NOTIFY.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream_outbox import OutboxBroker, make_outbox_table, outbox_autovacuum_ddl
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, DateTime, MetaData, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.runtime.ids import new_id, new_reference
from tests.benchmarks.peers.hearing import PeerInbox, make_tables
from tests.benchmarks.peers.outbox_relay import CLAIM, FLUSH


class NetworkTable(SQLModel):
    """A registry of their own."""

    metadata = MetaData()


make_outbox_table(NetworkTable.metadata, table_name="peer_outbox")


class PersonRow(NetworkTable, table=True):
    __tablename__ = "peer_person"

    id: UUID = Field(primary_key=True)
    given_name: str
    family_name: str
    born_on: date
    nhs_number: str = Field(unique=True)
    email: str


class MadeRow(NetworkTable, table=True):
    __tablename__ = "peer_referral"

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="peer_person.id")
    reference: str = Field(unique=True)
    urgency: str
    made_at: datetime = Field(sa_type=DateTime(timezone=True))


class ContactRow(NetworkTable, table=True):
    __tablename__ = "peer_contact"

    id: UUID = Field(primary_key=True)
    name: str
    email: str


class MessageRow(NetworkTable, table=True):
    __tablename__ = "peer_message"

    id: UUID = Field(primary_key=True)
    event_id: UUID = Field(unique=True)
    referral_id: UUID = Field(index=True)
    contact_id: UUID
    state: str = "queued"
    queued_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    )


class ReportRow(NetworkTable, table=True):
    __tablename__ = "peer_report"

    referral_id: UUID = Field(primary_key=True)
    made_on: date
    urgency: str
    noted_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    )


class PersonIn(BaseModel):
    model_config = ConfigDict(extra="ignore")

    given_name: str
    family_name: str
    born_on: date
    nhs_number: str
    email: str


class ReferralIn(BaseModel):
    model_config = ConfigDict(extra="ignore")

    person: PersonIn
    urgency: str


class ReferralOut(BaseModel):
    id: UUID
    reference: str


class Contact(BaseModel):
    """Said on the topic of contacts."""

    event_id: UUID
    contact_id: UUID
    name: str
    email: str


class Created(BaseModel):
    """Said on the topic of referrals."""

    event_id: UUID
    referral_id: UUID
    contact_id: UUID
    urgency: str
    time: datetime


async def make_network_tables(owner_url: str) -> None:
    """What a migration would do, in any of the four databases."""
    await make_tables(owner_url)
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(NetworkTable.metadata.create_all)
        await connection.execute(text(outbox_autovacuum_ddl("peer_outbox")))
    await engine.dispose()


def _outbox(engine: AsyncEngine, kafka: KafkaBroker, keys: Mapping[str, str]) -> OutboxBroker:
    """One worker per queue, so that order per key is kept; a queue per topic, which is keyed by the field named."""
    table = NetworkTable.metadata.tables["peer_outbox"]
    outbox = OutboxBroker(engine, outbox_table=table, logger=None)
    more = {"fetch_batch_size": CLAIM, "terminal_flush_batch_size": FLUSH, "min_fetch_interval": 0.05}

    def carry(topic: str, field: str) -> None:
        @kafka.publisher(topic)
        @outbox.subscriber(topic, max_workers=1, max_fetch_interval=1.0, **more)
        async def relay(body: bytes) -> KafkaResponse:
            return KafkaResponse(body, key=json.loads(body)[field].encode(), headers=_JSON)

    for topic, field in keys.items():
        carry(topic, field)
    return outbox


_JSON = {"content-type": "application/json"}
_RAW = {"content-type": "application/octet-stream"}


class Saying:
    """What the service that people refer to says, through its outbox."""

    def __init__(self, engine: AsyncEngine, kafka: str, prefix: str) -> None:
        """Nothing connects before `running`."""
        self._engine = engine
        self._contacts, self._events = f"{prefix}referral-contacts", f"{prefix}referral-events"
        self._kafka = KafkaBroker(kafka, acks="all", enable_idempotence=True, logger=None)
        self._outbox = _outbox(engine, self._kafka, {self._contacts: "contact_id", self._events: "referral_id"})

    @asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncIterator[None]:
        """The app's lifespan."""
        await self._kafka.connect()
        await self._outbox.start()
        yield
        await self._outbox.stop()
        await self._kafka.stop()
        await self._engine.dispose()

    async def contact(self, session: AsyncSession, person: PersonRow) -> None:
        """How the person is reached."""
        name = f"{person.given_name} {person.family_name}"
        said = Contact(event_id=new_id(), contact_id=person.id, name=name, email=person.email)
        await self._say(session, self._contacts, said)

    async def created(self, session: AsyncSession, made: MadeRow) -> None:
        """That a referral was made."""
        about = {"referral_id": made.id, "contact_id": made.person_id, "urgency": made.urgency, "time": made.made_at}
        await self._say(session, self._events, Created.model_validate({"event_id": new_id(), **about}))

    async def _say(self, session: AsyncSession, topic: str, event: BaseModel) -> None:
        await self._outbox.publish(event.model_dump_json().encode(), queue=topic, headers=_RAW, session=session)


async def referral(dsn: str, kafka: str, prefix: str, port: int) -> None:
    """The service that people refer to, until ended."""
    engine = create_async_engine(dsn, pool_size=20)
    saying = Saying(engine, kafka, prefix)
    app = FastAPI(lifespan=saying.running)

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as opened:
            yield opened

    @app.post("/referral/api/referrals", status_code=201, response_model=ReferralOut)
    async def refer(body: ReferralIn, opened: Annotated[AsyncSession, Depends(session)]) -> MadeRow:
        now, person = datetime.now(UTC), PersonRow(id=new_id(), **body.person.model_dump())
        # Twice as long as ours: it is not looked for first, and one in seventy bursts would meet one that is taken.
        reference = f"{new_reference()}-{new_reference()}"
        made = MadeRow(id=new_id(), person_id=person.id, reference=reference, urgency=body.urgency, made_at=now)
        opened.add(person)
        await opened.flush()
        opened.add(made)
        await saying.contact(opened, person)
        await saying.created(opened, made)
        await opened.commit()
        return made

    config = uvicorn.Config(app, host="127.0.0.1", port=port, loop="none", access_log=False, log_level="warning")
    await uvicorn.Server(config).serve()


def _subscribing(topic: str, group: str) -> dict[str, object]:
    return {"group_id": f"{topic}.{group}", "auto_offset_reset": "earliest", "ack_policy": AckPolicy.NACK_ON_ERROR}


async def _is_new(session: AsyncSession, event_id: UUID) -> bool:
    noted = insert(PeerInbox).values(event_id=event_id).on_conflict_do_nothing().returning(col(PeerInbox.event_id))
    return (await session.exec(noted)).first() is not None


async def notifications(dsn: str, kafka: str, prefix: str) -> None:
    """The service that writes to people, until ended."""
    engine, broker = create_async_engine(dsn), KafkaBroker(kafka, logger=None)
    contacts, events = f"{prefix}referral-contacts", f"{prefix}referral-events"

    @broker.subscriber(contacts, **_subscribing(contacts, "notifications"))  # type: ignore[call-overload]
    async def on_contact(said: Contact) -> None:
        async with AsyncSession(engine) as session, session.begin():
            if await _is_new(session, said.event_id):
                await session.merge(ContactRow(id=said.contact_id, name=said.name, email=said.email))

    @broker.subscriber(events, **_subscribing(events, "notifications"))  # type: ignore[call-overload]
    async def on_created(said: Created) -> None:
        async with AsyncSession(engine) as session, session.begin():
            if await _is_new(session, said.event_id):
                message = MessageRow(
                    id=new_id(), event_id=said.event_id, referral_id=said.referral_id, contact_id=said.contact_id
                )
                session.add(message)

    await FastStream(broker, logger=None).run()


async def reporting(dsn: str, kafka: str, prefix: str) -> None:
    """The service that counts, until ended."""
    engine, broker = create_async_engine(dsn), KafkaBroker(kafka, logger=None)
    events = f"{prefix}referral-events"

    @broker.subscriber(events, **_subscribing(events, "reporting"))  # type: ignore[call-overload]
    async def on_created(said: Created) -> None:
        async with AsyncSession(engine) as session, session.begin():
            if await _is_new(session, said.event_id):
                session.add(ReportRow(referral_id=said.referral_id, made_on=said.time.date(), urgency=said.urgency))

    await FastStream(broker, logger=None).run()


async def directory(dsn: str, kafka: str, prefix: str) -> None:
    """The service that knows the community: of what is measured here it only hears, and has nothing to do."""
    broker, events = KafkaBroker(kafka, logger=None), f"{prefix}referral-events"

    @broker.subscriber(events, **_subscribing(events, "directory"))  # type: ignore[call-overload]
    async def on_created(said: Created) -> None:
        await asyncio.sleep(0)

    await FastStream(broker, logger=None).run()
