"""F14: the store's sessions are ended, its server restarted, killed, or full, while people are referred."""

import asyncio
import time
from random import Random

from shared.events.streams import STREAMS
from shared.runtime.settings import Settings
from tests.faults.checker import Fault, Finding
from tests.faults.experiment import Experiment, Outcome
from tests.faults.referring import AWAY, Practice, practice, serve, wrong_with
from tests.faults.world import World, kill

LANES = 6
RECOVERED_S = 15.0
"""How soon people are served again on a machine that is free; the judgement waits four times as long."""
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """One of the four; the people who were turned away meanwhile come back."""
    harm = dice.choice([terminated, restarted, killed, full])
    async with world.stage(*STREAMS) as stage:
        there = await practice(stage, dice)
        await serve(stage, there)
        referring = asyncio.create_task(there.refer(LANES))
        await there.answered(dice.randint(1, 12))
        await harm(world, there.settings, dice)
        over = time.monotonic()
        recovered_s = await _recovered(there, over)
        there.enough.set()
        await referring
        findings = await wrong_with(there, away=[AWAY])
        if recovered_s is None:
            findings.append(Finding(Fault.BROKEN, harm.__name__, "nobody is served again"))
        figures = {"referrals": len(there.posts), "refused": there.answers[AWAY], "recovered_s": recovered_s or 0.0}
        return Outcome(findings, figures)


async def _recovered(there: Practice, over: float) -> float | None:
    """Seconds from the end of the harm until a person is referred who was asked for after it."""
    known = len(there.posts)
    while time.monotonic() < over + 4 * RECOVERED_S:
        if any(post.answer for post in there.posts[known:]):
            return time.monotonic() - over
        await asyncio.sleep(0.02)
    return None


async def terminated(world: World, referral: Settings, dice: Random) -> None:
    """Every session of the service is ended, a few times in a row."""
    async with world.superuser(referral) as server:
        for _ in range(dice.randint(1, 4)):
            await server.execute(TERMINATE)
            await asyncio.sleep(dice.uniform(0, 0.2))


async def restarted(world: World, referral: Settings, dice: Random) -> None:
    """A fast shutdown, and a start after a while."""
    world.postgres.stop()
    await asyncio.sleep(dice.uniform(0, 1))
    world.postgres.start()


async def killed(world: World, referral: Settings, dice: Random) -> None:
    """-9, and a start with its recovery."""
    kill(world.postgres.process)
    await asyncio.sleep(dice.uniform(0, 1))
    world.postgres.start()


async def full(world: World, referral: Settings, dice: Random) -> None:
    """The server gives the service three sessions and no more for a while; those it had are ended."""
    async with world.superuser(referral) as server:
        name = await server.fetchval("SELECT current_database()")
        await server.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 3")
        await server.execute(TERMINATE)
        await asyncio.sleep(dice.uniform(0.3, 1.5))
        await server.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")


EXPERIMENT = Experiment("F14", "the store ended, restarted, killed or full", one_round)
