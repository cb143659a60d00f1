"""F7: a service is killed wherever it is in a batch; its projection is that of a single pass over the log."""

import asyncio
from random import Random

from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import hearing, some_keys
from tests.faults.looking import until
from tests.faults.member import Moment
from tests.faults.process import PATIENCE_S
from tests.faults.world import World

DYING = (Moment.HANDLING, Moment.HANDLING, Moment.BEFORE_COMMIT, Moment.AFTER_COMMIT)


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """A service's only member is killed again and again, wherever in a batch it is, and comes back."""
    kills = 100 if long else dice.randint(2, 4)
    async with hearing(world) as h:
        member = h.member(static_members=True, together=dice.random() < 0.5)
        for _ in range(kills):
            member.start()
            member.order(dice.choice(DYING), dice.randint(1, 200))
            await h.say(some_keys(dice, 200), dice, again=0.1)
            async with asyncio.timeout(PATIENCE_S):
                while member.alive:  # those may have been too few for it to come to its moment
                    await h.say(some_keys(dice, 20), dice, again=0.1)
                    await asyncio.sleep(0.05)
            await member.process.ended()
        member.start()
        await until(h.at_end, "all is heard")
        return Outcome(await h.findings(), {"kills": kills})


EXPERIMENT = Experiment("F7", "consumer killed in mid-batch", one_round)
