"""F2: the relay is killed between the broker's acknowledgement and the archive, so that all of it is sent again."""

import asyncio
from functools import partial
from random import Random

from shared.runtime.settings import Settings
from tests.faults.checker import Fault, Finding, judge
from tests.faults.experiment import Experiment, Outcome
from tests.faults.looking import history_of, until
from tests.faults.mains import listener, speaker
from tests.faults.process import Process
from tests.faults.world import Stage, World

KILLS = 2
WAITING = "SELECT FROM pg_locks WHERE relation = 'outbox_sent'::regclass AND NOT granted"
OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Writers, a relay and a reader; the relay dies twice in its blind spot, and once more is started."""
    async with world.stage() as stage:
        says, hears = await stage.bare("directory"), await stage.bare("reporting")
        await stage.start(listener, hears)
        speakers = [await _speaks(stage, says, dice)]
        for _ in range(KILLS):
            await asyncio.sleep(dice.uniform(0.05, 0.5))
            await _kill_unarchived(world, speakers[-1])
            speakers.append(await _speaks(stage, says, dice))
        await asyncio.sleep(dice.uniform(0.05, 0.3))
        await speakers[-1].ask("quiet")
        history = await history_of(speakers, hears)
        repeated = len(history.log) - len({said.id for said in history.log})
        findings = judge(history)
        if not repeated:
            findings.append(Finding(Fault.BROKEN, "the fault", "no kill fell where it was meant to"))
        return Outcome(findings, {"events": len(history.log), "repeated": repeated})


async def _speaks(stage: Stage, says: Settings, dice: Random) -> Process:
    speaker_ = await stage.start(speaker, says, seed=str(dice.random()), lanes=4, pause_s=0.05)
    await speaker_.ask("write")
    return speaker_


async def _kill_unarchived(world: World, relay: Process) -> None:
    """Hold the archive shut until the relay waits to write what was acknowledged, and kill; its session ends with it.

    A session outlives its client until it has something to say to it, and would archive after all.
    """
    async with world.superuser(relay.settings) as store, store.transaction():
        await store.execute("LOCK TABLE outbox_sent IN SHARE ROW EXCLUSIVE MODE")
        await until(partial(store.fetch, WAITING), "the relay waits for the archive")
        await relay.kill()
        await store.fetch(OTHERS)


EXPERIMENT = Experiment("F2", "relay killed before it could archive", one_round)
