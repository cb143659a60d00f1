"""What the backbone's tests are told in: services, things said about places, and waiting for what must come."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from sqlalchemy import RowMapping

from shared.backbone.consumers import Consumers, Record
from shared.backbone.consuming import StreamConsumer
from shared.backbone.outbox import record
from shared.backbone.retrying import Retries
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.events.envelope import Event, Fact
from shared.events.place import PlaceAcknowledged, PlaceDeclined
from shared.events.streams import PLACE_EVENTS, Stream
from shared.events.vocabulary import DeclineReason
from shared.runtime.actor import system
from shared.runtime.ids import new_id
from shared.runtime.settings import Settings
from shared.runtime.store import Store, Tx

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def an_id() -> UUID:
    return new_id()


async def until(true: Callable[[], Awaitable[object]], *, seconds: float = 20) -> None:
    """Wait for a condition to hold; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(0.02)


def acknowledged(prescription: UUID | None = None) -> PlaceAcknowledged:
    return PlaceAcknowledged(prescription_id=prescription or an_id(), activity_id=an_id(), provider_id="P1")


def declined() -> PlaceDeclined:
    return PlaceDeclined(
        prescription_id=an_id(), activity_id=an_id(), provider_id="P1", reason=next(iter(DeclineReason))
    )


@dataclass
class Service:
    """A service of the test's network."""

    settings: Settings
    store: Store
    timers: Timers = field(default_factory=Timers)
    left: int = 0  # how often a backbone wanted its process to end

    def __post_init__(self) -> None:
        self.consumers = Consumers(self.store.service)

    def backbone(self, **other: object) -> Backbone:
        told = self.settings.model_copy(update=other)
        return Backbone(told, self.store, self.consumers, self.timers, leave=self._leave)

    def _leave(self) -> None:
        self.left += 1

    async def says(self, *keys: str) -> list[UUID]:
        """One event per key, all in one transaction; their ids."""
        async with self.store.transaction(system(self.store.service)) as tx:
            return [await record(tx, acknowledged(), subject=key, key=key, time=AT) for key in keys]

    async def rows(self, sql: str, **values: object) -> list[RowMapping]:
        async with self.store.transaction(system(self.store.service)) as tx:
            return list(await tx.rows(sql, **values))

    async def effects(self) -> list[RowMapping]:
        return await self.rows("SELECT key, event_id, sequence FROM effect ORDER BY at")

    def writes_effects(self) -> None:
        """Hear that places are acknowledged, and note each."""

        self.consumers.on(PlaceAcknowledged)(note)

    async def hearing(self, stream: Stream = PLACE_EVENTS, *, first: int = 0) -> StreamConsumer:
        """The service's consumer of a stream, standing at the beginning, to be given records by hand."""
        consumer = StreamConsumer(self.store, self.consumers, stream, 0.0)
        await consumer.begin(dict.fromkeys(range(stream.partitions), first))
        await consumer.load_positions()
        return consumer

    def retries(self, *waits: float) -> Retries:
        return Retries(self.store, self.consumers, waits)


async def note(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
    sql = "INSERT INTO effect (key, event_id, sequence) VALUES (:key, :id, :sequence) RETURNING 1"
    await tx.rows(sql, key=event.key, id=event.id, sequence=event.sequence)


def wire(fact: Fact, key: str, sequence: int = 1, id_: UUID | None = None) -> bytes:
    """An event as it lies on its topic."""
    model: type[Event[Fact]] = Event[type(fact)]  # type: ignore[misc, assignment]
    event = model(
        id=id_ or an_id(),
        source="directory",
        type=fact.type_name(),
        subject=key,
        time=AT,
        key=key,
        sequence=sequence,
        correlation="test",
        data=fact,
    )
    return event.wire()


def arrivals(*values: tuple[str, bytes | None], start: int = 0, partition: int = 0) -> list[Record]:
    """Records of one partition, one after another."""
    return [Record("place-events", partition, start + number, key, value) for number, (key, value) in enumerate(values)]


async def on_topic(kafka: str, topic: str, count: int, partitions: int = 12) -> list[ConsumerRecord]:
    """The first `count` records of a topic, in order within each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(partitions)])
        found: list[ConsumerRecord] = []
        end = time.monotonic() + 20
        while len(found) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} records on {topic}"
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found.extend(records)
        return found
    finally:
        await consumer.stop()


def by_key(records: list[ConsumerRecord]) -> dict[str, list[ConsumerRecord]]:
    """The records of each key, in the log's order."""
    found: dict[str, list[ConsumerRecord]] = {}
    for item in records:
        found.setdefault(item.key.decode(), []).append(item)
    return found
