"""The peers of the consumer: FastStream with a SQLModel session per message, and the bound that no check slows down.

Per message, as both libraries' documentation shows it: a pydantic model, NACK on error (at least once), one transaction
with the id kept beside the effect. There is no parking and no numbering to look after, which ours has.
"""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel
from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.benchmarks.figures import Measures
from tests.benchmarks.rows import reading


class PeerTable(SQLModel):
    """A registry of their own, beside the service's."""

    metadata = MetaData()


class PeerInbox(PeerTable, table=True):
    __tablename__ = "peer_inbox"

    event_id: UUID = Field(primary_key=True)
    seen_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    )


class Effect(PeerTable, table=True):
    """What every side writes, ours too. Nothing in it refuses a second row for an event."""

    __tablename__ = "effect"

    at: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    key: str
    event_id: UUID
    sequence: int = Field(sa_type=BigInteger)


class Accepted(BaseModel):
    """The event, as a reader of its own would declare it."""

    id: UUID
    type: str
    partitionkey: str
    sequence: int
    time: datetime
    data: dict[str, str]


class Numbered(msgspec.Struct):
    """The least that the bound must read."""

    id: UUID
    partitionkey: str
    sequence: str


async def make_tables(owner_url: str) -> None:
    """What a migration would do."""
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(PeerTable.metadata.create_all)
    await engine.dispose()


async def per_message(dsn: str, kafka: str, topic: str, group: str) -> None:
    """Hear until ended."""
    engine = create_async_engine(dsn)
    broker = KafkaBroker(kafka, logger=None)

    @broker.subscriber(
        topic,
        group_id=group,
        group_instance_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def on_accepted(event: Accepted) -> None:
        async with AsyncSession(engine) as session, session.begin():
            noted = (
                insert(PeerInbox).values(event_id=event.id).on_conflict_do_nothing().returning(col(PeerInbox.event_id))
            )
            if (await session.exec(noted)).first() is not None:
                session.add(Effect(key=event.partitionkey, event_id=event.id, sequence=event.sequence))

    await FastStream(broker, logger=None).run()


async def bound(dsn: str, kafka: str, topic: str, count: int) -> Measures:
    """`getmany` and one insert a batch: no ids kept, no position, no order looked after. Records a second."""
    connection = await asyncpg.connect(dsn.replace("+asyncpg", "", 1))
    sql = "INSERT INTO effect (key, event_id, sequence) SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])"
    decoder, left, began = msgspec.json.Decoder(Numbered), count, 0.0
    async with reading(kafka, topic) as consumer:
        while left > 0:
            batches = await consumer.getmany(timeout_ms=500)
            began = began or time.monotonic()
            heard = [decoder.decode(record.value) for records in batches.values() for record in records]
            left -= len(heard)
            keys, ids = [one.partitionkey for one in heard], [one.id for one in heard]
            await connection.execute(sql, keys, ids, [int(one.sequence) for one in heard])
    took = time.monotonic() - began
    await connection.close()
    return {"rate": count / took}
