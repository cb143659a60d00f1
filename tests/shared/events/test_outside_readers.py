"""Others read what lies on the streams with tools that are not ours: the CloudEvents SDK, and Kafka's client in C."""

import asyncio
import json
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from confluent_kafka import Consumer, Message, Producer, TopicPartition
from pydantic import SecretStr

from shared.backbone.consumers import Consumers
from shared.backbone.running import Backbone
from shared.backbone.sending import partition_of
from shared.backbone.timers import Timers
from shared.backbone.topics import make_topics
from shared.events.envelope import CONTENT_TYPE
from shared.events.released import KINDS, Wire, events_of, releases
from shared.events.streams import PLACE_EVENTS, REFERRAL_CONTACTS, STREAMS, Stream
from shared.runtime.actor import system
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.engines import Databases, Engines, remove_topics

OWNERS = sorted({stream.owner for stream in STREAMS})
SAID = [wire for release in releases() for kind in KINDS for wire in events_of(release, kind)]
ERASED = "0199c0de-0000-7000-8000-0000000000ee"
SAY = "INSERT INTO outbox (stream, key, payload) VALUES (:stream, :key, :payload) RETURNING seq"


async def relayed(engines: Engines, databases: Databases, owner: str, prefix: str) -> None:
    """All that a service has to say, carried from its outbox by its own relay."""
    addresses = await databases.fresh(owner)
    store = Store(addresses.app_url, owner)
    try:
        async with store.transaction(system(owner)) as tx:
            for wire in SAID:
                if wire.stream.owner == owner:
                    await tx.rows(SAY, stream=wire.stream.name, key=wire.key, payload=wire.value)
            if owner == REFERRAL_CONTACTS.owner:
                await tx.rows(SAY, stream=REFERRAL_CONTACTS.name, key=ERASED, payload=None)
        url = SecretStr(addresses.app_url)
        settings = Settings(service=owner, database_url=url, kafka=engines.kafka, stream_prefix=prefix)
        async with Backbone(settings, store, Consumers(owner), Timers()).running(), asyncio.timeout(60):
            while await _waiting(store):  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.05)
    finally:
        await store.close()
        await databases.drop(addresses)


async def _waiting(store: Store) -> bool:
    async with store.transaction(system(store.service)) as tx:
        return bool(await tx.rows("SELECT 1 FROM outbox LIMIT 1"))


@pytest.fixture(scope="module")
def prefix(engines: Engines, databases: Databases) -> Iterator[str]:
    """Before the name of every stream of a network in which everything was said that there is to say."""
    made = f"o{uuid4().hex[:8]}."

    async def say() -> None:
        await make_topics(engines.kafka, made)
        for owner in OWNERS:
            await relayed(engines, databases, owner, made)

    asyncio.run(say())
    yield made
    asyncio.run(remove_topics(engines.kafka, made))


@pytest.fixture(scope="module")
def on_streams(engines: Engines, prefix: str) -> dict[str, list[Message]]:
    """Every record of every stream, read by Kafka's client in C."""
    return {stream.name: read(engines, prefix, stream) for stream in STREAMS}


def read(engines: Engines, prefix: str, stream: Stream) -> list[Message]:
    topic, found, done = stream.topic(prefix), list[Message](), 0
    settings = {"bootstrap.servers": engines.kafka, "group.id": prefix, "enable.partition.eof": True}
    reader = Consumer(settings | {"enable.auto.commit": False, "auto.offset.reset": "earliest"})
    reader.assign([TopicPartition(topic, number, 0) for number in range(stream.partitions)])
    until = time.monotonic() + 30
    try:
        while done < stream.partitions:
            assert time.monotonic() < until, f"{topic} was not read to its end"
            for message in reader.consume(500, timeout=0.2):
                done += message.error() is not None  # the end of a partition comes as an error
                found += [] if message.error() else [message]
    finally:
        reader.close()
    return found


def test_every_stream_is_read_to_its_end_by_a_client_of_another_language(
    on_streams: dict[str, list[Message]],
) -> None:
    wanted = {stream.name: sorted(w.value for w in SAID if w.stream is stream) for stream in STREAMS}
    found = {name: sorted(value for m in said if (value := m.value())) for name, said in on_streams.items()}
    assert found == wanted
    assert all(found.values())


def test_an_erasure_reaches_it_as_a_null(on_streams: dict[str, list[Message]]) -> None:
    (erasure,) = [m for m in on_streams[REFERRAL_CONTACTS.name] if m.value() is None]
    assert erasure.key() == ERASED.encode()


@pytest.mark.parametrize("wire", SAID, ids=lambda wire: f"{wire.release}-{wire.kind}-{wire.stream.name}-{wire.type}")
def test_the_official_sdk_reads_what_is_on_the_wire(wire: Wire, on_streams: dict[str, list[Message]]) -> None:
    (record,) = [m for m in on_streams[wire.stream.name] if m.value() == wire.value]
    headers = {"content-type": CONTENT_TYPE.encode()}
    assert dict(record.headers() or ()) == headers
    event = from_kafka(KafkaMessage(headers, record.key(), record.value() or b""), JSONFormat())
    said, time_, data = json.loads(wire.value), event.get_time(), event.get_data()
    assert (event.get_specversion(), event.get_id(), event.get_type()) == ("1.0", said["id"], wire.type)
    assert (event.get_source(), event.get_subject()) == (wire.stream.owner, said["subject"])
    assert time_ is not None
    assert time_.isoformat() == "2026-11-20T14:30:00+00:00"
    assert data == said["data"]
    for name in ("partitionkey", "sequence", "correlationid", "causationid", "traceparent", "pcn"):
        assert event.get_extension(name) == said.get(name)


def placed(engines: Engines, topic: str, keys: list[str], **settings: str) -> dict[str, int]:
    """The partition in which Kafka's client in C puts each key."""
    places: dict[str, int] = {}

    def delivered(_error: object, message: Message) -> None:
        places[(message.key() or b"").decode()] = message.partition() or 0

    writer = Producer({"bootstrap.servers": engines.kafka, **settings})
    for key in keys:
        writer.produce(topic, key=key, value=b"", on_delivery=delivered)
    assert writer.flush(30) == 0
    return places


def test_a_key_is_where_other_clients_put_it_when_told_to_hash_as_kafka_does(
    engines: Engines, prefix: str, on_streams: dict[str, list[Message]]
) -> None:
    for stream in STREAMS:
        for record in on_streams[stream.name]:
            assert record.partition() == partition_of((record.key() or b"").decode(), stream.partitions)
    keys = [str(uuid4()) for _ in range(200)]
    ours = {key: partition_of(key, PLACE_EVENTS.partitions) for key in keys}
    topic = PLACE_EVENTS.topic(prefix)
    assert placed(engines, topic, keys, partitioner="murmur2_random") == ours
    # What librdkafka does unless told: the same key in two partitions, and its order lost.
    assert placed(engines, topic, keys) != ours
