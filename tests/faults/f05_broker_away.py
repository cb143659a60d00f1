"""F5: the broker is away while people are referred: nobody is turned away, the wait shows, and then all of it goes."""

import asyncio
import time
from functools import partial
from random import Random

from shared.events.streams import STREAMS
from shared.runtime.actor import Role
from tests.faults.checker import Fault, Finding
from tests.faults.experiment import Experiment, Outcome
from tests.faults.looking import all_sent, until
from tests.faults.process import PATIENCE_S
from tests.faults.referring import Practice, practice, serve, wrong_with
from tests.faults.world import World, kill

PER_SECOND = 50.0
LANES = 10
LONG_S = 600.0
STATUS = "/referral/operate/api/status"


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """The broker is killed or stopped, for a second or two or the table's ten minutes, at 50 referrals a second."""
    away_s = LONG_S if long else dice.uniform(0.5, 2.0)
    async with world.stage(*STREAMS) as stage:
        there = await practice(stage, dice)
        await serve(stage, there)
        referring = asyncio.create_task(there.refer(LANES, every_s=LANES / PER_SECOND))
        await there.answered(dice.randint(1, 12))
        gone = time.monotonic()
        if dice.random() < 0.5:
            kill(world.kafka.process)
        else:
            await asyncio.to_thread(world.kafka.stop)
        await asyncio.sleep(away_s)
        age_s = await _age(there)
        served = sum(post.acknowledged_at > gone for post in there.posts)
        await world.start_kafka()
        there.enough.set()
        await referring
        back = time.monotonic()
        await until(partial(all_sent, there.settings), "all is sent", 2 * PATIENCE_S)
        drain_s = time.monotonic() - back
        findings = await wrong_with(there)
        if not served:
            findings.append(Finding(Fault.BROKEN, "the API", "nobody was served meanwhile"))
        if age_s < away_s / 2:
            findings.append(Finding(Fault.BROKEN, "the outbox's age", f"{age_s:.1f} s after {away_s:.1f} s"))
        return Outcome(
            findings, {"referrals": len(there.posts), "meanwhile": served, "age_s": age_s, "drain_s": drain_s}
        )


async def _age(there: Practice) -> float:
    """How long the oldest unsent event has waited, as an operator sees it."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = await there.get(STATUS, Role.OPERATOR)
        if answer.is_success:
            return float(answer.json()["outbox_age_s"])
    return 0.0


EXPERIMENT = Experiment("F5", "the broker away at 50 referrals a second", one_round)
