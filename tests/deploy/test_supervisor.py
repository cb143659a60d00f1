"""However a network ends, its engines end with it and keep what they acknowledged."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.deploy.running import Network, gone, started
from tests.waiting import eventually

pytestmark = pytest.mark.faults


@pytest.fixture
def network() -> Iterator[Network]:
    """A network of the test's own, running."""
    with started() as network:
        yield network


@pytest.fixture(scope="module")
def shared_network() -> Iterator[Network]:
    """One for the tests that leave it running."""
    with started() as network:
        yield network


async def write(network: Network) -> None:
    """One committed row, one acknowledged record."""
    await say(network, "CREATE TABLE kept AS SELECT 'a row' AS words")
    admin = AIOKafkaAdminClient(bootstrap_servers=network.handover.kafka)
    await admin.start()
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=network.handover.kafka, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", b"a record")
    await producer.stop()


async def say(network: Network, statement: str) -> object:
    owner = network.handover.stores["referral"].owner_url.replace("+asyncpg", "")
    session = await asyncpg.connect(owner)
    try:
        return await session.fetchval(statement)
    finally:
        await session.close()


async def records(network: Network) -> list[bytes]:
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=network.handover.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [(await consumer.getone()).value]
    finally:
        await consumer.stop()


@pytest.mark.parametrize("kill", [Network.kill_supervisor, Network.kill_everything])
async def test_a_killed_network_leaves_no_engine_and_loses_nothing(
    network: Network, kill: Callable[[Network], None]
) -> None:
    await write(network)
    children = network.children()
    assert len(children) == 3

    kill(network)
    eventually(lambda: gone(children), "every engine has ended", 10)

    assert network.start() < 25
    assert await say(network, "SELECT words FROM kept") == "a row"
    assert await records(network) == [b"a record"]


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_asking_a_network_to_stop_stops_all_of_it(network: Network, asked: signal.Signals) -> None:
    children = network.children()
    assert network.stop(asked) == 0
    assert gone(children)
    assert not network.answers()


def test_a_second_run_beside_the_first_is_refused_and_leaves_it_alone(shared_network: Network) -> None:
    children = shared_network.children()
    said = Network(shared_network.data).refused()
    assert "A network already runs from" in said
    assert str(shared_network.process.pid) in said
    assert shared_network.children() == children
    assert not gone(children[:1])


def test_a_running_network_is_not_reset(shared_network: Network) -> None:
    assert "already runs" in shared_network.refused("--reset")
    assert (shared_network.data / "postgres").exists()


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = Network(tmp_path / "network", port).refused()
    assert f"Port {port} is taken by another program" in said
    assert not (tmp_path / "network" / "postgres").exists()


@pytest.mark.parametrize("which", [0, 1, 2], ids=["PostgreSQL", "Kafka", "the host"])
async def test_a_part_that_dies_is_started_again_alone(shared_network: Network, which: int) -> None:
    before = shared_network.children()
    os.kill(before[which][0], signal.SIGKILL)

    eventually(lambda: len(set(shared_network.children()) - set(before)) == 1, "the part runs again")
    eventually(shared_network.answers, "the front door answers")
    assert [child for place, child in enumerate(before) if place != which] == [
        child for place, child in enumerate(shared_network.children()) if place != which
    ]
    assert await say(shared_network, "SELECT 'still here'") == "still here"


def test_after_a_reset_nothing_is_kept(network: Network) -> None:
    network.stop()
    (network.data / "mailbox").mkdir()
    reset = Network(network.data, network.port)
    assert os.spawnv(os.P_WAIT, reset.command[0], [*reset.command, "--reset"]) == 0
    assert [place.name for place in network.data.iterdir()] == ["lock"]
    network.start()
