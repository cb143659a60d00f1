"""Things that fall due: once each, nobody held up by another's failure."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.backbone.outbox import record
from shared.backbone.timers import Timer, Timers, cancel_timer, set_timer
from shared.runtime.actor import system
from shared.runtime.clock import LONDON, now
from shared.runtime.store import Tx
from tests.shared.backbone.network import AT, Service, acknowledged, an_id, until

Services = Callable[[str], Awaitable[Service]]
PAST = AT - timedelta(days=900)


async def set_for(service: Service, *subjects: UUID, due: datetime = PAST, kind: str = "reply") -> None:
    async with service.store.transaction(system(service.store.service)) as tx:
        for subject in subjects:
            await set_timer(tx, kind, subject, due, {"of": "place"})


def remembering(timers: Timers, kind: str = "reply") -> list[Timer]:
    fired: list[Timer] = []

    @timers.on(kind)
    async def remember(tx: Tx, timer: Timer) -> None:
        fired.append(timer)

    return fired


async def test_a_timer_fires_once_though_two_processes_look(service: Services) -> None:
    directory, subjects = await service("directory"), [an_id() for _ in range(30)]

    @directory.timers.on("reply")
    async def leave_a_mark(tx: Tx, timer: Timer) -> None:
        await tx.rows("INSERT INTO effect (key) VALUES (:key) RETURNING 1", key=str(timer.subject))

    await set_for(directory, *subjects)
    await asyncio.gather(*(directory.timers.fire_due(directory.store) for _ in range(2)))
    assert sorted(row["key"] for row in await directory.effects()) == sorted(map(str, subjects))


async def test_a_handler_is_told_when_it_was_due_and_what_was_set(service: Services) -> None:
    directory, subject = await service("directory"), an_id()
    fired = remembering(directory.timers)
    await set_for(directory, subject)
    await directory.timers.fire_due(directory.store)
    assert fired == [Timer("reply", subject, PAST, {"of": "place"})]


async def test_setting_again_replaces_and_cancelling_removes(service: Services) -> None:
    directory, later, cancelled = await service("directory"), an_id(), an_id()
    fired = remembering(directory.timers)
    await set_for(directory, later, cancelled)
    await set_for(directory, later, due=now() + timedelta(days=1))
    async with directory.store.transaction(system("directory")) as tx:
        await cancel_timer(tx, "reply", cancelled)
    await directory.timers.fire_due(directory.store)
    assert not fired
    assert len(await directory.rows("SELECT 1 FROM timer")) == 1


async def test_one_that_fails_waits_longer_each_time_and_holds_up_no_other(service: Services) -> None:
    directory, bad, good = await service("directory"), an_id(), an_id()
    fired: list[UUID] = []

    @directory.timers.on("reply")
    async def handle(tx: Tx, timer: Timer) -> None:
        await tx.rows("INSERT INTO effect (key) VALUES (:key) RETURNING 1", key=str(timer.subject))
        fired.append(timer.subject)
        if timer.subject == bad:
            raise RuntimeError

    await set_for(directory, bad)
    await set_for(directory, good, due=PAST + timedelta(hours=1))
    await directory.timers.fire_due(directory.store)
    assert fired == [bad, good]
    assert [row["key"] for row in await directory.effects()] == [str(good)]
    waits = "SELECT attempts, due, extract(epoch FROM fire_at - clock_timestamp()) AS wait FROM timer"
    (row,) = await directory.rows(waits)
    assert (row["attempts"], row["due"]) == (1, PAST)
    assert 0 < row["wait"] <= 1
    await directory.rows("UPDATE timer SET fire_at = due RETURNING 1")
    await directory.timers.fire_due(directory.store)
    assert 3 < (await directory.rows(waits))[0]["wait"] <= 5


async def test_a_handler_may_set_the_same_timer_anew(service: Services) -> None:
    directory, subject, again = await service("directory"), an_id(), now() + timedelta(days=1)

    @directory.timers.on("reminder")
    async def remind(tx: Tx, timer: Timer) -> None:
        await set_timer(tx, "reminder", timer.subject, again)

    await set_for(directory, subject, kind="reminder")
    await directory.timers.fire_due(directory.store)
    assert [row["due"] for row in await directory.rows("SELECT due FROM timer")] == [again]


async def test_a_kind_that_nobody_handles_stays(service: Services) -> None:
    directory = await service("directory")
    await set_for(directory, an_id(), kind="of-a-newer-release")
    await directory.timers.fire_due(directory.store)
    assert len(await directory.rows("SELECT 1 FROM timer")) == 1


async def test_timers_start_when_told_and_a_nearer_one_wakes_them(service: Services, topics: str) -> None:
    directory, first, nearer = await service("directory"), an_id(), an_id()
    fired, backbone = remembering(directory.timers), directory.backbone()

    async def first_fired() -> bool:
        return [timer.subject for timer in fired] == [first]

    async def nearer_fired() -> bool:
        return [timer.subject for timer in fired] == [first, nearer]

    await set_for(directory, first)
    async with backbone.running(timers=False):
        await directory.says("a")
        await until(backbone.settled)
        assert not fired
        assert (await backbone.status()).timers_due == 1
        backbone.start_timers()
        await until(first_fired)
        await set_for(directory, nearer, due=now())
        await until(nearer_fired, seconds=3)


async def test_a_kind_has_one_handler(service: Services) -> None:
    timers = Timers()
    remembering(timers)
    with pytest.raises(ValueError, match="has a handler"):
        remembering(timers)


async def test_what_a_timer_records_travels(service: Services) -> None:
    directory = await service("directory")

    @directory.timers.on("reply")
    async def say_so(tx: Tx, timer: Timer) -> None:
        await record(tx, acknowledged(), subject=timer.subject, key=timer.subject, time=timer.due)

    await set_for(directory, an_id())
    await directory.timers.fire_due(directory.store)
    assert len(await directory.rows("SELECT 1 FROM outbox")) == 1


async def test_a_timer_whose_process_ended_in_the_middle_fires_once_in_the_next(service: Services) -> None:
    directory, begun, subject = await service("directory"), asyncio.Event(), an_id()
    never, ended = asyncio.Event(), Timers()

    async def leave_a_mark(tx: Tx, timer: Timer) -> None:
        await tx.rows("INSERT INTO effect (key) VALUES (:key) RETURNING 1", key=str(timer.subject))

    @ended.on("reply")
    async def leave_a_mark_and_hang(tx: Tx, timer: Timer) -> None:
        await leave_a_mark(tx, timer)
        begun.set()
        await never.wait()

    directory.timers.on("reply")(leave_a_mark)
    await set_for(directory, subject)
    process = asyncio.create_task(ended.fire_due(directory.store))
    await begun.wait()
    process.cancel()
    await asyncio.gather(process, return_exceptions=True)
    assert await directory.effects() == []
    for _ in range(2):
        await directory.timers.fire_due(directory.store)
    assert [row["key"] for row in await directory.effects()] == [str(subject)]


async def test_on_the_night_the_clocks_go_back_half_past_one_comes_twice_and_each_is_its_own_moment(
    service: Services,
) -> None:
    directory, summer, winter = await service("directory"), an_id(), an_id()
    fired = remembering(directory.timers)
    half_past_one = datetime(2025, 10, 26, 1, 30, tzinfo=LONDON)
    await set_for(directory, winter, due=half_past_one.replace(fold=1))
    await set_for(directory, summer, due=half_past_one)
    await directory.timers.fire_due(directory.store)
    assert [timer.subject for timer in fired] == [summer, winter]
    assert fired[1].due - fired[0].due == timedelta(hours=1)


async def test_nine_in_the_morning_after_the_clocks_went_forward_is_nine_there(service: Services) -> None:
    """The day had 23 hours: a timer set by the clock on the wall, and not by counting hours, is not late."""
    directory, subject = await service("directory"), an_id()
    fired = remembering(directory.timers)
    nine_before = datetime(2026, 3, 28, 9, 0, tzinfo=LONDON)
    await set_for(directory, subject, due=nine_before + timedelta(days=1))
    await directory.timers.fire_due(directory.store)
    assert fired[0].due.astimezone(LONDON).hour == 9
    assert fired[0].due - nine_before.astimezone(UTC) == timedelta(hours=23)
