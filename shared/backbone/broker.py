"""The one place where FastStream's broker and subscribers are made; each of its defaults that loses data is changed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.message import StreamMessage

from shared.backbone.consumers import Record
from shared.backbone.consuming import StreamConsumer
from shared.runtime.logs import logger

log = logger(__name__)

BATCH = 1000
ENDS_S = 2.0
STOP_S = 8.0  # how long a stop waits for the batch under way
HEARTBEAT_S = 1.0  # how soon a member learns that another came or went


def make_broker(kafka: str, service: str) -> KafkaBroker:
    """A broker that only reads: what a service says goes through its outbox and relay."""
    return KafkaBroker(
        kafka,
        client_id=service,
        consumer_only=True,
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        graceful_timeout=STOP_S,
        logger=None,
    )


def subscribe(
    broker: KafkaBroker,
    service: str,
    consumer: StreamConsumer,
    *,
    prefix: str = "",
    static: bool = False,
    max_poll_s: float = 300,
) -> "Subscription":
    """Give a stream's batches to its consumer, from the positions that the store remembers.

    Each stream has a group of its own, so that a member that joins one does not hold up the others. `static` members
    (embedded) are back at once after a kill; between replicas they would delay the takeover. A member that is busy with
    one batch for longer than `max_poll_s` loses its partitions, and what it was doing is rolled back.
    """
    topic = consumer.stream.topic(prefix)
    group = f"{prefix}{service}.{consumer.stream.name}"
    subscription = Subscription(consumer, topic)
    subscriber = broker.subscriber(
        topic,
        group_id=group,
        group_instance_id=group if static else None,
        batch=True,
        max_records=BATCH,
        batch_timeout_ms=10,
        max_poll_interval_ms=int(max_poll_s * 1000),
        heartbeat_interval_ms=int(HEARTBEAT_S * 1000),
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="none",
        listener=subscription,
        decoder=_raw,
    )
    subscription.reader = lambda: subscriber.consumer

    @subscriber
    async def take(message: KafkaMessage) -> None:
        await subscription.take(message)

    return subscription


class Subscription(ConsumerRebalanceListener):  # type: ignore[misc]
    """Stands where the store says whenever partitions come, and lets the batch under way end before they go."""

    def __init__(self, consumer: StreamConsumer, topic: str) -> None:
        """`reader` gives Kafka's consumer while there is one."""
        self.consumer, self.topic = consumer, topic
        self.reader: Callable[[], AIOKafkaConsumer | None] = lambda: None

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Wait for the batch under way."""
        async with self.consumer.at_work:
            pass

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Seek to the stored positions; partitions never read before begin at their beginning."""
        reader = self.reader()
        assert reader is not None
        # Before anything is awaited, or aiokafka looks for a committed offset in vain; paused, it fetches nothing yet.
        reader.pause(*assigned)
        for place in assigned:
            reader.seek(place, 0)
        positions = await self._positions(reader, assigned)
        for place in assigned:
            reader.seek(place, positions[place.partition])
        reader.resume(*assigned)

    async def take(self, message: KafkaMessage) -> None:
        """Give a batch to its consumer, or go back. The store has the positions: a lost commit costs nothing."""
        records = _records(message, self.consumer.stream.name)
        async with self.consumer.at_work:
            if not (await self._is_due(records) and await self.consumer.take(records)):
                return self.rewind()
        try:
            await message.ack()
        except (KafkaError, IllegalStateError) as error:
            log.info("not-committed", error=type(error).__name__)

    async def _is_due(self, records: Sequence[Record]) -> bool:
        """Whether the reader was sent elsewhere, or lost a partition, since it gave these records."""
        reader, last = self.reader(), {record.partition: record.position for record in records}
        try:
            return reader is not None and all(
                [await reader.position(TopicPartition(self.topic, number)) > offset for number, offset in last.items()]
            )
        except IllegalStateError:
            return False

    def rewind(self) -> None:
        """Read on from where the consumer stands."""
        if (reader := self.reader()) is not None:
            for place in reader.assignment():
                if place.partition in self.consumer.positions:
                    reader.seek(place, self.consumer.positions[place.partition])

    async def _positions(self, reader: AIOKafkaConsumer, assigned: set[TopicPartition]) -> Mapping[int, int]:
        while True:
            try:
                positions = await self.consumer.recall()
                if not (new := {place for place in assigned if place.partition not in positions}):
                    return positions
                offsets = await reader.beginning_offsets(list(new))
                await self.consumer.begin({place.partition: offset for place, offset in offsets.items()})
            except Exception as error:  # noqa: BLE001 - store or broker are away; without positions nothing may be read
                log.warning("positions-unknown", stream=self.consumer.stream.name, error=type(error).__name__)
                await asyncio.sleep(1)

    async def ends(self) -> Mapping[int, int] | None:
        """The offset after the last record of each partition; None while the broker is away or not reached yet."""
        reader = self.reader()
        if reader is None:
            return None
        places = [TopicPartition(self.topic, number) for number in range(self.consumer.stream.partitions)]
        try:
            async with asyncio.timeout(ENDS_S):
                ends = await reader.end_offsets(places)
        except (KafkaError, TimeoutError, AttributeError):  # the last is aiokafka's, asked before it has started
            return None
        return {place.partition: offset for place, offset in ends.items()}


def _records(message: KafkaMessage, stream: str) -> list[Record]:
    """The records as they came. FastStream's body shows a tombstone as b"", so that only the raw record tells."""
    raw = message.raw_message if isinstance(message.raw_message, tuple) else (message.raw_message,)
    return [Record(stream, r.partition, r.offset, (r.key or b"").decode(errors="replace"), r.value) for r in raw]


async def _raw(message: StreamMessage[object]) -> object:
    """Bodies stay bytes: what cannot be read is our own dispatcher's to park."""
    return message.body
