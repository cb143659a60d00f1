"""The peer of the relay: faststream-outbox as its documentation shows it, tuned as it advises for throughput.

Deletes are flushed in batches (its "batched terminal flush"), autovacuum is set by its own statement, rows are claimed
500 at a time, the producer is idempotent and answered by all. It drops what it has sent, where ours keeps it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from faststream import BaseMiddleware, FastStream
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream.kafka.response import KafkaPublishCommand
from faststream.response import PublishCommand
from faststream_outbox import OutboxBroker, make_outbox_table, outbox_autovacuum_ddl
from sqlalchemy import MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

QUEUE = "relay"
CONTENT_TYPE = (
    "application/cloudevents+json"  # of no type, or plain JSON, it would decode each body and encode it again
)
CLAIM = 500
FLUSH = 100


class Keyed(msgspec.Struct):
    """What the relay must know of an event."""

    partitionkey: str


def headers_of(key: str) -> dict[str, str]:
    """What goes beside an event: that its body is to be left as it is."""
    return {"content-type": CONTENT_TYPE, "correlation_id": key}


def table_of(metadata: MetaData) -> Table:
    """Its outbox table, under a name of its own beside ours."""
    table: Table = make_outbox_table(metadata, table_name="peer_outbox")
    return table


async def make_table(owner_url: str) -> None:
    """What a migration would do."""
    metadata = MetaData()
    table_of(metadata)
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(text(outbox_autovacuum_ddl("peer_outbox")))
    await engine.dispose()


class Peer:
    """The two brokers and the relay between them."""

    def __init__(
        self, engine: AsyncEngine, kafka: str, topic: str, workers: int, told: Callable[[bytes], None] | None = None
    ) -> None:
        """`told` is given each body that the broker has acknowledged."""
        middlewares = [_telling(told)] if told else []
        self.kafka = KafkaBroker(kafka, acks="all", enable_idempotence=True, logger=None)
        self.outbox = OutboxBroker(engine, outbox_table=table_of(MetaData()), logger=None, middlewares=middlewares)
        publisher = self.kafka.publisher(topic)

        @publisher
        @self.outbox.subscriber(
            QUEUE,
            max_workers=workers,
            fetch_batch_size=CLAIM,
            terminal_flush_batch_size=FLUSH,
            min_fetch_interval=0.05,
            max_fetch_interval=1.0,
        )
        async def relay(body: bytes) -> KafkaResponse:
            # The key is read from the event: a parameter for the message costs more, since each goes through a thread.
            return KafkaResponse(body, key=msgspec.json.decode(body, type=Keyed).partitionkey.encode())

        self.app = FastStream(self.outbox, on_startup=[self.kafka.connect], logger=None)


def _telling(told: Callable[[bytes], None]) -> Callable[..., BaseMiddleware[Any, Any]]:
    class Telling(BaseMiddleware[PublishCommand]):
        async def publish_scope(
            self, call_next: Callable[[PublishCommand], Awaitable[Any]], cmd: PublishCommand
        ) -> Any:
            answer = await call_next(cmd)
            if isinstance(cmd, KafkaPublishCommand):  # it is also called for rows being written
                told(cmd.body)
            return answer

    return Telling


async def relaying(dsn: str, kafka: str, topic: str, workers: int) -> None:
    """Relay until ended."""
    engine = create_async_engine(dsn, pool_size=workers + 2)
    await Peer(engine, kafka, topic, workers).app.start()
    await asyncio.Event().wait()
