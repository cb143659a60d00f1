"""The relay: order per key, nothing lost, one at a time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, OutOfOrderSequenceNumber
from aiokafka.partitioner import DefaultPartitioner

from shared.backbone.outbox import record
from shared.backbone.producer import Batch, Producer, abandon, make_producer
from shared.backbone.relay import CHANNEL, LOCK, Relay
from shared.backbone.sending import partition_of
from shared.runtime.actor import system
from shared.runtime.store import Store
from tests.engines import Engines
from tests.shared.backbone.network import AT, Service, acknowledged, by_key, on_topic, until

Services = Callable[[str], Awaitable[Service]]


def relay_of(service: Service, kind: type[Relay] = Relay, producer: Callable[[], Producer] | None = None) -> Relay:
    made = partial(make_producer, service.settings.kafka, "directory")
    relay = kind(service.store.url, producer or made, prefix=service.settings.stream_prefix)
    service.store.on_commit(relay.wake)
    return relay


@asynccontextmanager
async def at_work(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for relay in relays:
            relay.stop()
        await asyncio.gather(*tasks)


def sequences(values: list[bytes]) -> list[int]:
    return [int(json.loads(value)["sequence"]) for value in values]


async def _writer(service: Service, number: int) -> None:
    for turn in range(25):
        await service.says(f"k{(number + turn) % 5}")


async def test_order_per_key_holds_under_several_writers_and_a_slow_one_is_not_passed_over(
    engines: Engines, service: Services, topics: str
) -> None:
    directory = await service("directory")

    async def sent() -> int:
        return int((await directory.rows("SELECT count(*) AS n FROM outbox_sent"))[0]["n"])

    async def all_but_the_slow() -> bool:
        return await sent() == 100

    async def all_of_them() -> bool:
        return await sent() == 101

    async with at_work(relay_of(directory)):
        async with directory.store.transaction(system("directory")) as slow:
            await record(slow, acknowledged(), subject="slow", key="slow", time=AT)
            await asyncio.gather(*(_writer(directory, number) for number in range(4)))
            await until(all_but_the_slow)
        await until(all_of_them)
    found = by_key(await on_topic(engines.kafka, f"{topics}place-events", 101))
    assert len(found.pop("slow")) == 1
    assert {key: sequences([item.value for item in items]) for key, items in found.items()} == {
        f"k{number}": list(range(1, 21)) for number in range(5)
    }


class DiesOnce(Relay):
    """Dies between the broker's word and the store's, the first time."""

    died = False

    async def archive(self, connection: asyncpg.Connection, seqs: list[int]) -> None:
        if not self.died:
            self.died = True
            raise ConnectionError
        await super().archive(connection, seqs)


async def test_dying_between_acknowledgement_and_delete_repeats_on_the_wire_and_doubles_no_effect(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    await directory.says("a", "b", "a")
    async with at_work(relay_of(directory, DiesOnce)), reporting.backbone().running():
        found = by_key(await on_topic(engines.kafka, f"{topics}place-events", 6))
        (end,) = {len(found["a"]) + len(found["b"])}
        await directory.says("last")

        async def heard_the_last() -> bool:
            return any(row["key"] == "last" for row in await reporting.effects())

        await until(heard_the_last)
    assert end == 6
    assert sequences([item.value for item in found["a"]]) == [1, 2, 1, 2]
    effects = [(row["key"], row["sequence"]) for row in await reporting.effects()]
    assert sorted(effects) == [("a", 1), ("a", 2), ("b", 1), ("last", 1)]


async def test_one_relay_works_at_a_time_and_the_other_takes_over(service: Services, topics: str) -> None:
    directory = await service("directory")
    first, second = relay_of(directory), relay_of(directory)

    async def first_works() -> bool:
        return first.active

    async def second_works() -> bool:
        return second.active

    async def empty() -> bool:
        return not await directory.rows("SELECT seq FROM outbox")

    async with at_work(first):
        await until(first_works)
        async with at_work(second):
            await directory.says("a")
            await until(empty)
            assert (first.sent, second.active) == (1, False)
            first.stop()
            await until(second_works)
            await directory.says("b")
            await until(empty)
    assert (first.sent, second.sent) == (1, 1)


async def test_what_another_process_commits_wakes_the_one_at_work(
    service: Services, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.backbone.relay.POLL_S", 300.0)
    directory = await service("directory")
    leader = relay_of(directory)
    elsewhere = Service(directory.settings, Store(directory.store.url, "directory"))
    directory.store, own = elsewhere.store, directory.store

    async def leads() -> bool:
        return leader.active

    async def sent() -> bool:
        return leader.sent == 3

    async with at_work(leader):
        await until(leads)
        standby = relay_of(elsewhere)
        async with at_work(standby):
            await elsewhere.says("a", "b", "c")
            await until(sent)
        assert standby.sent == 0
    await elsewhere.store.close()
    directory.store = own


async def test_a_burst_of_commits_elsewhere_is_told_few_times(service: Services, topics: str) -> None:
    directory, told = await service("directory"), list[object]()
    leader = await asyncpg.connect(directory.store.url.replace("+asyncpg", ""))
    standby = relay_of(directory)
    try:
        await leader.fetchval("SELECT pg_advisory_lock($1)", LOCK)
        await leader.add_listener(CHANNEL, lambda *said: told.append(said))
        async with at_work(standby):

            async def heard() -> bool:
                standby.wake()
                return bool(told)

            await until(heard)
            before = len(told)
            for _ in range(500):
                standby.wake()
                await asyncio.sleep(0)
            await until(heard)
        assert len(told) - before < 250
    finally:
        await leader.close()


async def _silent(service: Service) -> asyncpg.Connection:
    """A leader that is stopped: it holds the lock, and neither asks anything nor takes an answer."""
    connection = await asyncpg.connect(service.store.url.replace("+asyncpg", ""))
    await connection.fetchval("SELECT pg_advisory_lock($1)", LOCK)
    return connection


@pytest.mark.parametrize("amid_an_answer", [False, True])
async def test_a_leader_that_gives_no_sign_of_life_loses_the_lock_and_can_archive_nothing(
    service: Services, topics: str, *, amid_an_answer: bool
) -> None:
    directory = await service("directory")
    stopped = await _silent(directory)
    asked: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    if amid_an_answer:
        much = await stopped.prepare("SELECT repeat('x', 1000) FROM generate_series(1, 100000)")
        asked = asyncio.ensure_future(much.fetch())
        await asyncio.sleep(0)  # it is asked
        stopped._transport.pause_reading()
    relay = Relay(
        directory.store.url,
        partial(make_producer, directory.settings.kafka, "directory"),
        prefix=directory.settings.stream_prefix,
        idle_s=0.5,
    )

    async def sent() -> bool:
        return relay.sent == 1

    await directory.says("a")
    async with at_work(relay):
        await until(sent)
    if amid_an_answer:
        stopped._transport.resume_reading()
        with pytest.raises(asyncpg.PostgresConnectionError):
            await asked
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await stopped.execute("SELECT 1")
    asked.cancel()
    stopped.terminate()


async def test_a_leader_that_works_keeps_the_lock_however_short_silence_may_be(service: Services, topics: str) -> None:
    directory = await service("directory")
    leader = relay_of(directory)
    standby = Relay(directory.store.url, partial(make_producer, directory.settings.kafka, "directory"), idle_s=2.5)

    async def leads() -> bool:
        return leader.active

    async with at_work(leader):
        await until(leads)
        async with at_work(standby):
            for number in range(1, 4):
                await directory.says("a")
                tried = standby._last_turn

                async def sent(number: int = number, tried: float = tried) -> bool:
                    return leader.sent == number and standby._last_turn > tried

                await until(sent)
        assert leader.active


def refusing(producer: Producer, errors: list[Exception]) -> Producer:
    """The producer, whose next batches the broker refuses."""
    send = producer.send_batch

    async def send_batch(batch: Batch, topic: str, *, partition: int) -> asyncio.Future[object]:
        if errors:
            raise errors.pop()
        return await send(batch, topic, partition=partition)

    producer.send_batch = send_batch  # type: ignore[method-assign]
    return producer


async def test_after_a_produce_error_a_new_producer_sends_the_same_rows_in_order(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, errors, made = await service("directory"), [KafkaError(), OutOfOrderSequenceNumber()], list[Producer]()

    def producer() -> Producer:
        made.append(refusing(make_producer(engines.kafka, "directory"), errors))
        return made[-1]

    await directory.says(*["a"] * 5)
    async with at_work(relay_of(directory, producer=producer)):
        found = await on_topic(engines.kafka, f"{topics}place-events", 5)
    assert len(made) == 3
    assert sequences([item.value for item in found]) == [1, 2, 3, 4, 5]


async def test_a_producer_is_abandoned_by_private_parts_that_are_still_there(engines: Engines) -> None:
    producer = make_producer(engines.kafka, "directory")
    await producer.start()
    private = vars(producer)
    assert private["_closed"] is False
    assert not private["_sender"].sender_task.done()
    assert callable(private["client"].close)
    began = time.monotonic()
    await abandon(producer)
    assert vars(producer)["_closed"] is True
    assert private["_sender"].sender_task.done()
    assert time.monotonic() - began < 1


async def test_a_producer_that_never_connected_is_abandoned_too() -> None:
    producer = make_producer("127.0.0.1:1", "directory")
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await abandon(producer)


@pytest.mark.parametrize("partitions", [1, 3, 12])
def test_keys_lie_where_kafkas_own_clients_put_them(partitions: int) -> None:
    everywhere = list(range(partitions))
    for key in ("", "a", "K7F-3QD", "01a1fb57-bcb1-73c2-9a38-135c0822e5e8", "ünï"):
        assert partition_of(key, partitions) == DefaultPartitioner()(key.encode(), everywhere, everywhere)
