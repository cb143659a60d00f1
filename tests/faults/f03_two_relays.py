"""F3: of two relays the one that leads is stopped; the other takes over, and then the first wakes up and goes on."""

import asyncio
import signal
from functools import partial
from random import Random

from tests.faults.checker import Fault, Finding, judge
from tests.faults.experiment import Experiment, Outcome
from tests.faults.looking import history_of, until
from tests.faults.mains import listener, speaker
from tests.faults.process import Process
from tests.faults.world import World

IDLE_S = 8.0  # the shortest there is
LONG_S = 60.0


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """The leader stands still until the other has led for a while; both processes write, and the reader reads on."""
    async with world.stage() as stage:
        more = {} if long else {"relay_idle_s": IDLE_S}
        says, hears = await stage.bare("directory", **more), await stage.bare("reporting")
        await stage.start(listener, hears)
        two = [await stage.start(speaker, says, seed=str(dice.random()), lanes=3, pause_s=0.03) for _ in range(2)]
        await until(partial(_has_leader, two), "one of them leads")
        both = await _both_lead(two) and await _both_lead(two)  # once may be a change between the two questions
        for one in two:
            await one.ask("write")
        stopped, other = two if await _leads(two[0]) else reversed(two)
        await asyncio.sleep(dice.uniform(0.05, 0.5))
        stopped.signal(signal.SIGSTOP)
        stood = asyncio.get_running_loop().time()
        await until(partial(_leads, other), "the other leads", 4 * LONG_S)
        taken_s = asyncio.get_running_loop().time() - stood
        await asyncio.sleep(max(0.0, LONG_S - taken_s) if long else dice.uniform(0, 0.5))
        stopped.signal(signal.SIGCONT)
        await asyncio.sleep(dice.uniform(0.1, 0.5))
        for one in two:
            await one.ask("quiet")
        history = await history_of(two, hears)
        repeated = len(history.log) - len({said.id for said in history.log})
        findings = judge(history) + ([Finding(Fault.BROKEN, "the lock", "both lead")] if both else [])
        return Outcome(findings, {"events": len(history.log), "repeated": repeated, "taken_over_s": taken_s})


async def _leads(one: Process) -> bool:
    return bool((await one.ask("status")).relay_active)


async def _has_leader(two: list[Process]) -> bool:
    return any([await _leads(one) for one in two])


async def _both_lead(two: list[Process]) -> bool:
    return all([await _leads(one) for one in two])


EXPERIMENT = Experiment("F3", "two relays, the leader stopped", one_round)
