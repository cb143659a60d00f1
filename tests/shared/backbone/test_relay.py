"""The relay: order per key, nothing lost, one at a time."""

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, OutOfOrderSequenceNumber
from aiokafka.partitioner import DefaultPartitioner

from shared.backbone.outbox import record
from shared.backbone.producer import Producer, abandon, make_producer
from shared.backbone.relay import BATCH, Relay
from shared.backbone.sending import partition_of
from shared.runtime.actor import system
from tests.engines import Engines
from tests.shared.backbone.network import AT, Service, acknowledged, by_key, on_topic, until
from tests.shared.backbone.relays import at_work, before_each_batch, relay_of

Services = Callable[[str], Awaitable[Service]]


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


async def test_a_slow_transaction_that_ends_amid_a_backlog_is_sent_before_what_its_key_says_next(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, say = await service("directory"), "INSERT INTO outbox (stream, key, payload) VALUES ($1, $2, $3)"
    slow = await asyncpg.connect(directory.store.url.replace("+asyncpg", ""))
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute(say, "place-events", "slow", b"1")
    many = "INSERT INTO outbox (stream, key, payload) SELECT 'place-events', 'k' || n % 7, n::text::bytea"
    await directory.rows(f"{many} FROM generate_series(1, 2500) n RETURNING 1")

    open_ones = [transaction]

    async def ends() -> None:
        while open_ones:
            await open_ones.pop().commit()
            await slow.execute(say, "place-events", "slow", b"2")

    def producer() -> Producer:
        return before_each_batch(make_producer(engines.kafka, "directory"), ends)

    async with at_work(relay_of(directory, producer=producer)):
        records = await on_topic(engines.kafka, f"{topics}place-events", 2502)
    await slow.close()
    values = {key: [int(item.value) for item in items] for key, items in by_key(records).items()}
    assert values.pop("slow") == [1, 2]
    assert values == {f"k{number}": [n for n in range(1, 2501) if n % 7 == number] for number in range(7)}
    assert await directory.rows("SELECT seq FROM outbox") == []
    assert (await directory.rows("SELECT count(*) AS n FROM outbox_sent"))[0]["n"] == 2502


class DiesOnce(Relay):
    """Dies between the broker's word and the store's, the first time."""

    died = False

    async def archive(self, connection: asyncpg.Connection, seqs: list[int]) -> None:
        if seqs and not self.died:
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


async def test_a_batch_that_could_not_be_archived_is_never_sent_again_after_the_one_that_followed_it(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, count = await service("directory"), 2 * BATCH
    many = "INSERT INTO outbox (stream, key, payload) SELECT 'place-events', 'a', n::text::bytea"
    await directory.rows(f"{many} FROM generate_series(1, CAST(:count AS int)) n RETURNING 1", count=count)

    async def sent() -> bool:
        return not await directory.rows("SELECT 1 FROM outbox LIMIT 1")

    async with at_work(relay_of(directory, DiesOnce)):
        await until(sent)
        await directory.rows(f"{many} FROM generate_series(0, 0) n RETURNING 1")
        await until(sent)
    found = [int(item.value) for item in await on_topic(engines.kafka, f"{topics}place-events", count + 1)]
    assert found[found.index(count) :] == [count, 0]


async def test_after_a_produce_error_a_new_producer_sends_the_same_rows_in_order(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, errors, made = await service("directory"), [KafkaError(), OutOfOrderSequenceNumber()], list[Producer]()

    async def refuse() -> None:
        if errors:
            raise errors.pop()

    def producer() -> Producer:
        made.append(before_each_batch(make_producer(engines.kafka, "directory"), refuse))
        return made[-1]

    await directory.says(*["a"] * 5)
    async with at_work(relay_of(directory, producer=producer)):
        found = await on_topic(engines.kafka, f"{topics}place-events", 5)
    assert len(made) == 3
    assert sequences([item.value for item in found]) == [1, 2, 3, 4, 5]


async def test_a_send_is_broken_off_the_moment_the_session_is_lost_since_another_relay_may_send_from_then_on(
    engines: Engines, service: Services, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.backbone.sending.SEND_S", 40.0)
    directory, held, broken_off = await service("directory"), asyncio.Event(), asyncio.Event()

    async def hold_the_first() -> None:
        if not held.is_set():
            held.set()
            try:
                await asyncio.Event().wait()
            finally:
                broken_off.set()

    def producer() -> Producer:
        return before_each_batch(make_producer(engines.kafka, "directory"), hold_the_first)

    await directory.says("a")
    async with at_work(relay_of(directory, producer=producer)):
        await asyncio.wait_for(held.wait(), 20)
        lost = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kith relay'"
        assert await directory.rows(f"{lost} AND datname = current_database()")
        await asyncio.wait_for(broken_off.wait(), 20)
        found = await on_topic(engines.kafka, f"{topics}place-events", 1)
    assert sequences([item.value for item in found]) == [1]


def _read_to_its_end(reader: socket.socket) -> None:
    while reader.recv(1 << 20):
        pass


async def test_what_an_abandoned_producer_had_not_sent_yet_never_arrives() -> None:
    much = bytes(1 << 24)  # more than the system holds for a reader that does not read
    with socket.create_server(("127.0.0.1", 0)) as broker:
        _, writer = await asyncio.open_connection(*broker.getsockname())
        reader, _ = broker.accept()
        writer.write(much)

        async def close() -> None:
            writer.close()

        client = SimpleNamespace(_conns={0: SimpleNamespace(_writer=writer)}, close=close)
        await abandon(cast("Producer", SimpleNamespace(_sender=SimpleNamespace(sender_task=None), client=client)))
        with reader, pytest.raises(ConnectionResetError):
            await asyncio.to_thread(_read_to_its_end, reader)


async def test_a_producer_is_abandoned_by_private_parts_that_are_still_there(engines: Engines) -> None:
    producer = make_producer(engines.kafka, "directory")
    await producer.start()
    private = vars(producer)
    assert private["_closed"] is False
    assert not private["_sender"].sender_task.done()
    assert callable(private["client"].close)
    assert [connection._writer.transport for connection in private["client"]._conns.values()]
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
