"""F4: a transaction takes its numbers early and commits late; whatever was carried meanwhile, it is not passed over."""

import asyncio
from random import Random

from shared.runtime.actor import system
from shared.runtime.settings import Settings
from tests.faults.checker import Fault, Finding, History, judge
from tests.faults.experiment import Experiment, Outcome
from tests.faults.looking import history_of, rows, until
from tests.faults.mains import listener, say, speaker, store_of
from tests.faults.world import World

MANY = "SELECT count(*) >= $1 AS enough, count(*) AS sent FROM outbox_sent"


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Some slow transactions beside quick writers: 10 seconds and 10,000 events long, or a tenth of both."""
    async with world.stage() as stage:
        says, hears = await stage.bare("directory"), await stage.bare("reporting")
        await stage.start(listener, hears)
        quick = await stage.start(speaker, says, seed=str(dice.random()), lanes=6, pause_s=0.01)
        await quick.ask("write")
        held_s, many = (10.0, 10_000) if long else (dice.uniform(0.2, 1.5), 300)
        waits = [dice.uniform(0, 0.3) for _ in range(3)]
        slow = await asyncio.gather(*(_slowly(says, f"slow.{n}", wait, held_s, many) for n, wait in enumerate(waits)))
        await quick.ask("quiet")
        history = await history_of([quick], hears)
        history.acknowledged |= {("place-events", key): ids for key, ids, _ in slow}
        overtaken = min(sent for *_, sent in slow)
        return Outcome(judge(history) + _in_vain(history, overtaken), {"events": len(history.log)})


async def _slowly(says: Settings, key: str, wait: float, held_s: float, many: int) -> tuple[str, list[str], int]:
    """Say two things, hold on until so many others have gone, and commit; how many had."""
    await asyncio.sleep(wait)
    async with store_of(says) as store, store.transaction(system("directory")) as tx:
        ids = [str(await say(tx, key)) for _ in range(2)]
        await asyncio.sleep(held_s)

        async def enough() -> bool:
            return bool((await rows(says, MANY, many))[0]["enough"])

        await until(enough, f"{many} others have gone")
        return key, ids, int((await rows(says, MANY, many))[0]["sent"])


def _in_vain(history: History, overtaken: int) -> list[Finding]:
    return [] if overtaken and history.log else [Finding(Fault.BROKEN, "the fault", "nothing went by meanwhile")]


EXPERIMENT = Experiment("F4", "low numbers committed late", one_round)
