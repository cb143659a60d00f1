"""F9: a member is too slow for its group, another takes its partitions, and then the slow one goes on."""

import asyncio
from collections.abc import Sequence
from random import Random

from tests.faults.checker import Fault, Finding
from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import Member, fenced, hearing, some_keys
from tests.faults.looking import until
from tests.faults.member import Moment
from tests.faults.world import World


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """A member is so long over a batch that its partitions are given to another; then it goes on.

    Lingering before its transaction, it finds all of it done and rolls back. Lingering inside, it may hold what the
    other waits for, and it is the other that finds it done. Either way one of the two is fenced.
    """
    linger_ms, moment = 30_000 if long else 4_000, dice.choice((Moment.BEFORE_TRANSACTION, Moment.HANDLING))
    async with hearing(world) as h:
        one, other = h.member(max_poll_s=1.0), h.member(max_poll_s=1.0)
        one.start()
        await h.say(some_keys(dice, 30), dice)
        await until(h.at_end, "the one hears")
        other.start()
        await other.process.hear("up")
        one.order(moment, dice.randint(0, 20), linger_ms)
        while one.orders.moment != Moment.NEVER:
            await h.say(some_keys(dice, 30), dice, again=0.05)
            await asyncio.sleep(0.05)
        await until(h.at_end, "all is heard")
        either = (one,) if moment is Moment.BEFORE_TRANSACTION else (one, other)
        wrong = await h.findings() + await _unfenced(either, linger_ms / 1000 + 15)
        return Outcome(wrong, {"fenced": fenced(one) + fenced(other)})


async def _unfenced(members: Sequence[Member], seconds: float) -> list[Finding]:
    async def one_is() -> bool:
        return any(map(fenced, members))

    try:
        await until(one_is, "somebody is fenced", seconds)
    except TimeoutError:
        return [Finding(Fault.UNASKED, "consumer_position", "was moved by one that had lost its partition")]
    return []


EXPERIMENT = Experiment("F9", "handler too slow, partition taken", one_round)
