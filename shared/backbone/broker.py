"""The one place where FastStream's broker and subscribers are made; each of its defaults that loses data is changed."""

from itertools import chain

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage as TheMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.message import StreamMessage

from shared.backbone.consuming import StreamConsumer
from shared.backbone.subscription import Subscription

BATCH, BATCH_OF_SETS = 1000, 4000  # where events are handled one by one, more would hold their rows for long
STOP_S = 6.0  # how long a stop waits for the batch under way
LISTEN_MS = 500
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
) -> Subscription:
    """Give a stream's batches to its consumer, from the positions that the store remembers.

    Each stream has a group of its own, so that a member that joins one does not hold up the others. `static` members
    (embedded) are back at once after a kill; between replicas they would delay the takeover. A member that is busy with
    one batch for longer than `max_poll_s` loses its partitions, and what it was doing is rolled back.
    """
    topic, most = consumer.stream.topic(prefix), BATCH_OF_SETS if consumer.takes_sets else BATCH
    group = f"{prefix}{service}.{consumer.stream.name}"
    subscription = Subscription(consumer, topic)
    subscriber = broker.subscriber(
        topic,
        group_id=group,
        group_instance_id=group if static else None,
        batch=True,
        max_records=most,
        max_poll_interval_ms=int(max_poll_s * 1000),
        heartbeat_interval_ms=int(HEARTBEAT_S * 1000),
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="none",
        listener=subscription,
        parser=_as_it_came,
        decoder=_raw,
    )
    subscription.reader = lambda: subscriber.consumer

    async def listen(reader: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        found = await reader.getmany(timeout_ms=LISTEN_MS, max_records=most)
        return tuple(chain(*found.values()))

    # FastStream's own pauses after each wait in vain, for as long as it waited, and does not listen meanwhile.
    subscriber.get_msg = listen  # type: ignore[assignment, method-assign]

    @subscriber
    async def take(message: TheMessage) -> None:
        await subscription.take(message.raw_message)

    return subscription


async def _as_it_came(records: tuple[ConsumerRecord, ...]) -> StreamMessage[object]:
    """A batch without a look at each record's headers. Nothing is acknowledged through it: the subscription does."""
    return KafkaMessage(body=b"", raw_message=records, consumer=FAKE_CONSUMER)


async def _raw(message: StreamMessage[object]) -> object:
    """Bodies stay bytes: what cannot be read is our own dispatcher's to park."""
    return message.body
