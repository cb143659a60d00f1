"""F20: a reader is told to stop in the middle of a batch; it ends in time, and what it left undone is done later."""

import asyncio
from random import Random

from aiokafka.admin import AIOKafkaAdminClient

from shared.events.streams import PLACE_EVENTS
from shared.runtime.settings import Settings
from tests.faults.checker import Fault, Finding, judge
from tests.faults.experiment import Experiment, Outcome
from tests.faults.looking import history_of, rows
from tests.faults.mains import listener, speaker
from tests.faults.world import World

DEADLINE_S = 10.0
"""What a supervisor allows; the judgement allows three times that, for a machine that is busy with other things."""
SLOW_S = 20.0
HALF_DONE = "SELECT count(*) AS effects, (SELECT count(*) FROM inbox) AS heard FROM effect"


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Half of the time the batch under way can end in time, and half of the time it cannot."""
    slow_s = SLOW_S if long or dice.random() < 0.5 else dice.uniform(0.05, 0.3)
    async with world.stage() as stage:
        says, hears = await stage.bare("directory"), await stage.bare("reporting")
        speaks = await stage.start(speaker, says, seed=str(dice.random()), lanes=4, pause_s=0.2)
        await speaks.ask("write")
        slow = await stage.start(listener, hears, slow_s=slow_s)
        for _ in range(1 if slow_s == SLOW_S else dice.randint(1, 6)):
            await slow.hear("hearing")
        await asyncio.sleep(dice.uniform(0, 0.3))
        await speaks.ask("quiet")
        assert await _members(hears) == 1
        seconds = await slow.end()
        found = await _left_behind(hears)
        if seconds > 3 * DEADLINE_S:
            found.append(Finding(Fault.BROKEN, "the end", f"came after {seconds:.0f} s"))
        await stage.start(listener, hears)
        return Outcome(judge(await history_of([speaks], hears)) + found, {"exit_s": seconds})


async def _left_behind(hears: Settings) -> list[Finding]:
    """Nothing is noted as heard without its effect, and the group has no member."""
    half = (await rows(hears, HALF_DONE))[0]
    found = [] if half["effects"] == half["heard"] else [Finding(Fault.BROKEN, "the inbox", f"{dict(half)}")]
    if members := await _members(hears):
        found.append(Finding(Fault.BROKEN, "the group", f"has {members} members left"))
    return found


async def _members(hears: Settings) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=hears.kafka)
    await admin.start()
    try:
        group = f"{hears.stream_prefix}{hears.service}.{PLACE_EVENTS.name}"
        answers = await admin.describe_consumer_groups([group])
        return sum(len(group[5]) for answer in answers for group in answer.groups)
    finally:
        await admin.close()


EXPERIMENT = Experiment("F20", "told to stop in the middle of a batch", one_round)
