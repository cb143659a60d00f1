"""The whole backbone of a service: starting without Kafka, losing nothing of a batch, stopping in time."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from shared.backbone.topics import WrongTopic, make_topics, settings_of
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged
from shared.events.streams import PLACE_EVENTS
from shared.runtime.store import Tx
from tests.engines import Engines
from tests.shared.backbone.network import Service, note, until

Services = Callable[[str], Awaitable[Service]]


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@asynccontextmanager
async def a_way_to(address: str, port: int) -> AsyncIterator[None]:
    """Bytes that come to the port go on to the address, and back."""
    host, _, target = address.rpartition(":")
    pipes: set[asyncio.Task[None]] = set()

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        finally:
            sink.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, int(target))
        pipes.update(asyncio.create_task(carry(*ends)) for ends in ((reader, far_writer), (far_reader, writer)))

    server = await asyncio.start_server(connect, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)


async def test_a_service_starts_while_kafka_is_away_and_catches_up_when_it_is_back(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, reporting, port = await service("directory"), await service("reporting"), free_port()
    reporting.writes_effects()
    said, heard = (one.backbone(kafka=f"127.0.0.1:{port}") for one in (directory, reporting))
    async with said.running(), heard.running():
        await directory.says("a", "b", "a")
        status = await heard.status()
        assert status.troubles == ["place-events cannot be reached"]
        assert (await said.status()).outbox_depth == 3
        assert not await said.settled()
        async with a_way_to(engines.kafka, port):

            async def arrived() -> bool:
                return len(await reporting.effects()) == 3 and await said.settled() and await heard.settled()

            await until(arrived)
            assert (await heard.status()).troubles == []


async def test_of_several_services_in_one_process_each_line_of_the_log_names_its_own(service: Services) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = (one.backbone(kafka="127.0.0.1:1") for one in (directory, reporting))
    with capture_logs(processors=[merge_contextvars]) as logs:
        async with said.running(), heard.running():
            await directory.says("a")

            async def both() -> bool:
                return {line.get("service") for line in logs} >= {"directory", "reporting"}

            await until(both)
    assert [line for line in logs if "service" not in line] == []


async def test_a_batch_over_many_partitions_that_is_given_back_loses_nothing(service: Services, topics: str) -> None:
    """FastStream before 0.7.8 rewound the first record's partition alone, and lost the others."""
    directory, reporting, away = await service("directory"), await service("reporting"), 2

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        nonlocal away
        await note(tx, event)
        if event.sequence == 3 and away:
            away -= 1
            raise ConnectionError

    keys = [f"k{number}" for number in range(40)]
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running():
        for _ in range(3):
            await directory.says(*keys)
        await until(said.settled)
        async with heard.running():
            await until(heard.settled)
    effects = await reporting.effects()
    assert away == 0
    assert {key: [row["sequence"] for row in effects if row["key"] == key] for key in keys} == {
        key: [1, 2, 3] for key in keys
    }


async def test_two_processes_of_a_service_share_the_work_and_one_may_leave(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    keys = [f"k{number}" for number in range(20)]
    one, other = reporting.backbone(), reporting.backbone()

    async def count(number: int) -> bool:
        return len(await reporting.effects()) == number

    async with directory.backbone().running(), one.running():
        async with other.running():
            await directory.says(*keys)
            await until(lambda: count(20))
        await directory.says(*keys)
        await until(lambda: count(40))
    sequences = [row["sequence"] for row in await reporting.effects()]
    assert sorted(sequences) == [1] * 20 + [2] * 20


async def test_stopping_waits_for_the_batch_under_way(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    begun, may_end = asyncio.Event(), asyncio.Event()

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        begun.set()
        await may_end.wait()
        await note(tx, event)

    async with directory.backbone().running():
        await directory.says("a")
        async with reporting.backbone().running():
            await begun.wait()
            asyncio.get_running_loop().call_later(0.2, may_end.set)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert len(await reporting.effects()) == 1


async def test_a_broker_that_lost_what_was_read_is_said_before_anything_is_passed_over(
    service: Services, topics: str
) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running(), heard.running():
        await directory.says("a")
        await until(said.settled)
        await until(heard.settled)
        await reporting.rows("UPDATE consumer_position SET next_offset = next_offset + 5 RETURNING 1")

        async def said_so() -> bool:
            return any(
                "kith stream restart reporting place-events" in words for words in (await heard.status()).troubles
            )

        await until(said_so)


async def test_topics_are_made_once_and_a_wrong_number_of_partitions_is_said(
    engines: Engines, stream_prefix: str
) -> None:
    few = PLACE_EVENTS.__class__(
        PLACE_EVENTS.name, "directory", "referral id", 3, 400, PLACE_EVENTS.readers, PLACE_EVENTS.facts
    )
    assert await make_topics(engines.kafka, stream_prefix, streams=[few]) == [f"{stream_prefix}place-events"]
    assert await make_topics(engines.kafka, stream_prefix, streams=[few]) == []
    with pytest.raises(WrongTopic, match="3 partitions and should have 12"):
        await make_topics(engines.kafka, stream_prefix, streams=[PLACE_EVENTS])


async def test_a_stream_that_was_made_otherwise_is_brought_to_the_catalogues_settings(
    engines: Engines, stream_prefix: str
) -> None:
    topic = PLACE_EVENTS.topic(stream_prefix)
    admin = AIOKafkaAdminClient(bootstrap_servers=engines.kafka)
    await admin.start()
    try:
        as_once = {"message.timestamp.type": "CreateTime", "cleanup.policy": "compact", "min.insync.replicas": "2"}
        await admin.create_topics([NewTopic(topic, PLACE_EVENTS.partitions, 1, topic_configs=as_once)])
        # Three copies are asked for, of new ones; of a stream that has one, two could never be in sync.
        assert await make_topics(engines.kafka, stream_prefix, replication=3, streams=[PLACE_EVENTS]) == []

        async def as_now() -> bool:
            wanted = settings_of(PLACE_EVENTS, 1)
            (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
            found = {name: value for name, value, *_ in answer.resources[0][4]}
            return wanted == {name: found[name] for name in wanted}

        await until(as_now)
    finally:
        await admin.close()
