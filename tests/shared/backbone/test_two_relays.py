"""Two processes of one service: one relays, the other tells it of its commits, and takes over when it is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg
import pytest
from pydantic import ValidationError

from shared.backbone.producer import ABANDON_S, make_producer
from shared.backbone.relay import CHANNEL, LOCK, Relay
from shared.backbone.sending import SEND_S
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.shared.backbone.network import Service, until
from tests.shared.backbone.relays import at_work, relay_of

Services = Callable[[str], Awaitable[Service]]


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


def test_a_leader_may_be_silent_for_as_long_as_it_waits_for_the_broker() -> None:
    with pytest.raises(ValidationError, match="relay_idle_s"):
        Settings(relay_idle_s=SEND_S + ABANDON_S)
