"""F7: a service is killed wherever it is in a batch; its projection is that of a single pass over the log."""

import asyncio
import time
from random import Random

from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import Hearing, Member, hearing, some_keys
from tests.faults.looking import until
from tests.faults.member import Moment
from tests.faults.world import World

DYING = (Moment.HANDLING, Moment.HANDLING, Moment.BEFORE_COMMIT, Moment.AFTER_COMMIT)
DEATH_S = 20.0


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """A service's only member is killed again and again, wherever in a batch it is, and comes back."""
    kills = 100 if long else dice.randint(2, 4)
    async with hearing(world) as h:
        member = h.member(static_members=True, together=dice.random() < 0.5)
        for _ in range(kills):
            member.start()
            member.order(dice.choice(DYING), dice.randint(1, 200))
            await h.say(some_keys(dice, 200), dice, again=0.1)
            if not await _dies(h, member, dice):
                await member.process.kill()  # whatever keeps it from hearing is for the findings
        member.start()
        await until(h.at_end, "all is heard")
        return Outcome(await h.findings(), {"kills": kills})


async def _dies(h: Hearing, member: Member, dice: Random) -> bool:
    """Whether it comes to its moment; what was said so far may have been too little for that."""
    end = time.monotonic() + DEATH_S
    while member.alive and time.monotonic() < end:
        await h.say(some_keys(dice, 20), dice, again=0.1)
        await asyncio.sleep(0.05)
    return not member.alive


EXPERIMENT = Experiment("F7", "consumer killed in mid-batch", one_round)
