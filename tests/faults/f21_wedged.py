"""F21: a reader stops for good while its process looks well: it is seen not to move, and the process ends itself."""

import asyncio
import time
from random import Random

from tests.faults.checker import Fault, Finding
from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import Hearing, Member, hearing, some_keys
from tests.faults.looking import until
from tests.faults.member import WEDGES
from tests.faults.process import PATIENCE_S
from tests.faults.world import World

WORDS = "place-events does not move"


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """The only member is wedged in one of the ways in which aiokafka or we can be, and its supervisor restarts it."""
    stuck_s, way = 30.0 if long else 1.0, dice.choice(sorted(WEDGES))
    async with hearing(world) as h:
        member = h.member(static_members=True, stuck_s=stuck_s)
        member.start()
        await h.say(some_keys(dice, 100), dice)
        await until(h.at_end, "all is heard")
        await member.process.ask(way)
        began = time.monotonic()
        wrong = await _left_on_its_own(h, member, dice, way, stuck_s)
        seconds = time.monotonic() - began
        member.start()  # as any supervisor does
        await until(h.at_end, "all is heard after the restart")
        return Outcome(wrong + await h.findings(), {"seconds to end itself": seconds})


async def _left_on_its_own(h: Hearing, member: Member, dice: Random, way: str, stuck_s: float) -> list[Finding]:
    """What it failed to do while more is said: stand still where it is wedged, say so, and end."""
    place, end = f"wedged by {way}", time.monotonic() + stuck_s + PATIENCE_S
    while member.alive:
        await h.say(some_keys(dice, 10), dice)
        await asyncio.sleep(0.1)
        if time.monotonic() > end:
            return [Finding(Fault.BROKEN, place, "it stays, and nobody would know")]
    await member.process.ended()
    wrong = [] if member.logged("does-not-move") else [Finding(Fault.BROKEN, place, "it ended for no reason")]
    troubles = member.process.told.get("troubles", [[]])[-1]
    if WORDS not in troubles:
        wrong.append(Finding(Fault.BROKEN, place, f"it was ready, with {troubles}"))
    return wrong


EXPERIMENT = Experiment("F21", "reader wedged while all looks well", one_round)
