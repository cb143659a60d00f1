"""F1: the API is killed at random points while practices refer people; whatever was answered is there, once."""

import asyncio
from random import Random

from shared.events.streams import STREAMS
from tests.faults.experiment import Experiment, Outcome
from tests.faults.referring import practice, serve, wrong_with
from tests.faults.world import World

LANES = 8
AGAIN = 20
UNANSWERED = ("ConnectError", "ReadError", "RemoteProtocolError", "WriteError", "ReadTimeout", "ConnectTimeout")


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Two kills a round, or ten, which in twenty rounds makes the table's two hundred."""
    kills = 10 if long else 2
    async with world.stage(*STREAMS) as stage:
        there = await practice(stage, dice)
        process = await serve(stage, there)
        referring = asyncio.create_task(there.refer(LANES))
        for _ in range(kills):
            await there.answered(dice.randint(0, 12))
            await asyncio.sleep(dice.uniform(0, 0.1))
            await process.kill()
            process = await serve(stage, there)
        there.enough.set()
        await referring
        changed = await there.ask_again(AGAIN)
        figures = {"referrals": len(there.posts), "resent": there.answers.total()}
        return Outcome(await wrong_with(there, away=UNANSWERED) + changed, figures)


EXPERIMENT = Experiment("F1", "the API killed while people are referred", one_round)
