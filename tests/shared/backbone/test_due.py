"""What falls due falls due once, whoever dies meanwhile, and by London's clock whatever London does to its clock."""

import random
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from shared.backbone.timers import Timer, set_timer
from shared.runtime.actor import system
from shared.runtime.clock import LONDON, add_working_days, end_of_day
from shared.runtime.store import Tx
from tests.engines import Engines
from tests.faults.checker import Effect, compare
from tests.shared.backbone.network import Service, an_id, until
from tests.shared.backbone.test_timers import set_for

Services = Callable[[str], Awaitable[Service]]
ROOT = Path(__file__).resolve().parents[3]
TIMERS = 300


@contextmanager
def firing(service: Service) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the service of its own; killed with -9 at the end, unless it is dead by then."""
    command = [sys.executable, "-m", "tests.shared.backbone.firing", service.store.url]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_timers_fire_once_each_over_two_processes_of_which_both_are_killed(service: Services) -> None:
    directory, subjects, dice = await service("directory"), [an_id() for _ in range(TIMERS)], random.Random(5)

    async def fired() -> list[str]:
        return [row["key"] for row in await directory.effects() if row["key"] != "up"]

    async def by(what: str) -> set[int]:
        rows = await directory.rows(f"SELECT DISTINCT sequence FROM effect WHERE key {what} 'up'")
        return {row["sequence"] for row in rows}

    with ExitStack() as ends:
        first, second = (ends.enter_context(firing(directory)) for _ in range(2))
        await until(lambda: holds(by("="), {first.pid, second.pid}), seconds=60)
        await set_for(directory, *subjects)
        await until(lambda: holds(by("<>"), {first.pid, second.pid}), seconds=60)
        for process in (first, second):
            enough = len(await fired()) + dice.randint(5, 50)
            await until(lambda enough=enough: at_least(fired(), enough), seconds=60)  # type: ignore[misc]
            process.kill()
        assert len(await fired()) < TIMERS, "they were done before they could be killed"
        ends.enter_context(firing(directory))  # as a supervisor would
        await until(lambda: at_least(fired(), TIMERS), seconds=60)
    assert not await directory.rows("SELECT 1 FROM timer")
    promised = [Effect("effect", str(subject)) for subject in subjects]
    assert not compare(promised, [Effect("effect", key) for key in await fired()])


async def holds(found: Awaitable[object], wanted: object) -> bool:
    return await found == wanted


async def at_least(found: Awaitable[list[str]], count: int) -> bool:
    return len(await found) >= count


@dataclass
class Clock:
    """A store's clock that a test moves."""

    connection: "asyncpg.Connection[asyncpg.Record]"

    async def show(self, moment: datetime) -> None:
        await self.connection.execute("UPDATE clock.shown SET moment = $1", moment)


@asynccontextmanager
async def clock(engines: Engines, service: Service) -> AsyncIterator[Clock]:
    """Put a clock of ours before PostgreSQL's own; before the store's first session."""
    name = service.store.url.partition("?")[0].rpartition("/")[2]
    connection = await asyncpg.connect(engines.postgres, database=name)
    try:
        await connection.execute(
            f"""
            CREATE SCHEMA clock;
            CREATE TABLE clock.shown AS SELECT now() AS moment;
            CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz STABLE SECURITY DEFINER
                LANGUAGE sql AS 'SELECT moment FROM clock.shown';
            GRANT USAGE ON SCHEMA clock TO PUBLIC;
            ALTER DATABASE "{name}" SET search_path = clock, pg_catalog, public;
            """
        )
        yield Clock(connection)
    finally:
        await connection.close()


def five_working_days_after(day: date) -> datetime:
    return end_of_day(add_working_days(day, 5))


def london(text: str, *, second: bool = False) -> datetime:
    """A time that a London clock shows; the second one of an hour that comes twice."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=int(second))


DUE = {
    # What is due, and when that is in UTC.
    "over the spring change of 2026": (five_working_days_after(date(2026, 3, 24)), "2026-03-31T22:59:59"),
    "on the day of the spring change of 2026": (end_of_day(date(2026, 3, 29)), "2026-03-29T22:59:59"),
    "the day before it": (end_of_day(date(2026, 3, 28)), "2026-03-28T23:59:59"),
    "over the autumn change of 2026": (five_working_days_after(date(2026, 10, 20)), "2026-10-27T23:59:59"),
    "on the day of the autumn change of 2026": (end_of_day(date(2026, 10, 25)), "2026-10-25T23:59:59"),
    "the day before that": (end_of_day(date(2026, 10, 24)), "2026-10-24T22:59:59"),
    "over Easter and the spring change of 2027": (five_working_days_after(date(2027, 3, 25)), "2027-04-05T22:59:59"),
    "over the autumn change of 2027": (five_working_days_after(date(2027, 10, 28)), "2027-11-04T23:59:59"),
    "over Christmas": (five_working_days_after(date(2026, 12, 24)), "2027-01-05T23:59:59"),
    "on a leap day": (five_working_days_after(date(2028, 2, 22)), "2028-02-29T23:59:59"),
    "over a leap day": (five_working_days_after(date(2028, 2, 24)), "2028-03-02T23:59:59"),
    "the same wall time a week on, in summer": (
        london("2026-03-25T14:30") + timedelta(days=7),
        "2026-04-01T13:30:00",
    ),
    "the same wall time a week on, in winter": (
        london("2026-10-21T14:30") + timedelta(days=7),
        "2026-10-28T14:30:00",
    ),
    "in an hour that is not there": (london("2026-03-29T01:30"), "2026-03-29T01:30:00"),
    "in an hour that comes twice, the first time": (london("2026-10-25T01:30"), "2026-10-25T00:30:00"),
    "in an hour that comes twice, the second time": (london("2026-10-25T01:30", second=True), "2026-10-25T01:30:00"),
}


@pytest.mark.parametrize("when", DUE)
async def test_a_timer_fires_when_london_s_clock_says_so(engines: Engines, service: Services, when: str) -> None:
    directory, subject = await service("directory"), an_id()
    due, in_utc = DUE[when][0], datetime.fromisoformat(DUE[when][1]).replace(tzinfo=UTC)
    fired: list[Timer] = []

    @directory.timers.on("reply")
    async def remember(tx: Tx, timer: Timer) -> None:
        fired.append(timer)

    async with clock(engines, directory) as ours:
        await ours.show(in_utc - timedelta(days=9))  # before any change of the clocks
        await set_for(directory, subject, due=due)
        for before in (timedelta(hours=1), timedelta(seconds=1)):
            await ours.show(in_utc - before)
            assert await directory.timers.fire_due(directory.store) == min(before.total_seconds(), 5)
        assert not fired
        await ours.show(in_utc)
        await directory.timers.fire_due(directory.store)
    assert [timer.due for timer in fired] == [in_utc]


async def test_the_database_reads_the_end_of_a_day_as_london_does(service: Services) -> None:
    directory = await service("directory")
    days = [date(2026, 3, 20) + timedelta(days=number) for number in range(900)]
    sql = "SELECT to_char(CAST(:due AS timestamptz) AT TIME ZONE 'Europe/London', 'YYYY-MM-DD HH24:MI:SS') AS wall"
    async with directory.store.transaction(system("directory")) as tx:
        for day in days:
            assert (await tx.rows(sql, due=end_of_day(day)))[0]["wall"] == f"{day} 23:59:59"


async def test_a_clock_set_back_and_forth_fires_nothing_twice(engines: Engines, service: Services) -> None:
    directory, subjects = await service("directory"), [an_id() for _ in range(10)]
    start, fired = datetime.combine(date(2026, 10, 25), time(0, 30), UTC), list[UUID]()

    @directory.timers.on("reply")
    async def again_tomorrow(tx: Tx, timer: Timer) -> None:
        fired.append(timer.subject)

    async with clock(engines, directory) as ours:
        await ours.show(start)
        async with directory.store.transaction(system("directory")) as tx:
            for number, subject in enumerate(subjects):
                await set_timer(tx, "reply", subject, start + timedelta(minutes=number))
        for minutes in (5, -5, 3, 9, -60, 9):
            await ours.show(start + timedelta(minutes=minutes))
            await directory.timers.fire_due(directory.store)
    assert fired == subjects
