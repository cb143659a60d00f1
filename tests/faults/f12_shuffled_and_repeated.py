"""F12: every event three times, shuffled, on whatever partition: the state is that of a clean run."""

from random import Random

from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import Hearing, fenced, hearing, sharing, some_keys
from tests.faults.looking import until
from tests.faults.world import World

TIMES = 3
ABOUT = 50
"""By how many places an event may come too early or too late, on top of what the partitions do."""


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Two members hear it all, several batches at a time."""
    count = 20_000 if long else 400
    async with hearing(world) as h:
        members = [h.member(together=dice.random() < 0.5) for _ in range(2)]
        for member in members:
            member.start()
        await sharing(h, members, dice)
        records = [h.event(key) for key in some_keys(dice, count)]
        places = [(number + dice.uniform(-ABOUT, ABOUT), number) for number in range(count) for _ in range(TIMES)]
        shuffled = [records[number] for _, number in sorted(places)]
        for start in range(0, len(shuffled), 40):
            await h.put(shuffled[start : start + 40], lambda: dice.randrange(len(h.ends)))
        await until(h.at_end, "all is heard")
        left = await _left(h)
        early = sum(member.logged("early") for member in members)
        figures = {"early": early, "left early": left, "fenced": sum(map(fenced, members))}
        return Outcome(await h.findings(), figures)


async def _left(h: Hearing) -> int:
    """How many still wait for their turn when nothing comes any more; none, unless something went wrong."""

    async def none() -> bool:
        return not await h.store.fetchval("SELECT count(*) FROM parked_event")

    try:
        await until(none, "nobody waits for a turn", 10)
    except TimeoutError:
        return int(await h.store.fetchval("SELECT count(*) FROM parked_event"))
    return 0


EXPERIMENT = Experiment("F12", "events thrice, shuffled, anywhere", one_round)
