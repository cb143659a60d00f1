"""F8: members of a service come and go all the time, on a real broker."""

import asyncio
from random import Random

from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import Member, fenced, hearing, some_keys
from tests.faults.looking import until
from tests.faults.world import World


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Members come and go all the time while much is said."""
    changes, gap = (60, 2.0) if long else (8, 0.4)
    async with hearing(world) as h:
        members = [h.member() for _ in range(4)]
        members[0].start()
        for _ in range(changes):
            await _come_or_go(members, dice, kill=0.1 if long else 0.02)
            for _ in range(4):
                await h.say(some_keys(dice, 30), dice, again=0.05)
                await asyncio.sleep(gap / 4)
        await until(h.at_end, "all is heard")
        zombies = sum(fenced(member) for member in members)
        return Outcome(await h.findings(), {"changes": changes, "fenced": zombies})


async def _come_or_go(members: list[Member], dice: Random, *, kill: float) -> None:
    """One starts or one leaves, now and then without a word; one always stays."""
    there = [member for member in members if member.alive]
    away = [member for member in members if not member.alive]
    if away and (len(there) < 2 or dice.random() < 0.5):
        dice.choice(away).start()
    elif dice.random() < kill:
        await dice.choice(there).process.kill()
    else:
        await dice.choice(there).process.end()


EXPERIMENT = Experiment("F8", "members join and leave in a storm", one_round)
