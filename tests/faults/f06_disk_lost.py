"""F6: the broker loses its disk; all is sent again, and every reader comes to the state that it would have had."""

import asyncio
import hashlib
import shutil
from collections.abc import Sequence
from functools import partial
from random import Random

from shared.backbone.topics import make_topics
from shared.events.streams import PLACE_EVENTS
from shared.runtime.settings import Settings
from tests.faults.checker import Fault, Finding, History, Said, judge
from tests.faults.experiment import Experiment, Outcome
from tests.faults.looking import all_heard, all_sent, effects_of, note_promises, rows, said, until
from tests.faults.mains import listener, speaker
from tests.faults.process import Process
from tests.faults.world import Stage, World, kill

ARCHIVE = "SELECT key, payload FROM outbox_sent ORDER BY seq"
UNDONE = "SELECT FROM republish WHERE done_at IS NULL"


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """One reader has heard it all, the other was behind when the log went; the writers go on throughout."""
    async with world.stage() as stage:
        says, hears, behind = [await stage.bare(name) for name in ("directory", "reporting", "notifications")]
        readers = [await stage.start(listener, settings) for settings in (hears, behind)]
        speaks = await stage.start(speaker, says, seed=str(dice.random()), lanes=3, pause_s=0.2)
        await speaks.ask("write")
        await asyncio.sleep(dice.uniform(0.2, 1.0))
        await readers[1].kill()
        await asyncio.sleep(dice.uniform(0.2, 1.0))
        await _lose_disk(world, stage)
        readers[1] = await stage.start(listener, behind)
        await asyncio.sleep(dice.uniform(0, 0.5))
        await speaks.ask("republish")
        for reader in readers:
            await until(partial(reader.ask, "restart"), "the stream is heard from its beginning")
        await asyncio.sleep(dice.uniform(0, 0.5))
        await speaks.ask("quiet")
        await until(partial(_done, says), "all has been sent again")
        return await _judged(speaks, says, [hears, behind])


async def _lose_disk(world: World, stage: Stage) -> None:
    kill(world.kafka.process)
    shutil.rmtree(world.kafka.data)
    await world.start_kafka()
    await make_topics(world.kafka.bootstrap, stage.prefix, streams=[PLACE_EVENTS])


async def _done(says: Settings) -> bool:
    return await all_sent(says) and not await rows(says, UNDONE)


async def _judged(speaks: Process, says: Settings, readers: Sequence[Settings]) -> Outcome:
    """By the archive, not by the new log: there the new may stand before the old, and a reader puts that right."""
    history = History()
    note_promises(history, speaks)
    for reader in readers:
        await until(partial(all_heard, reader), "all is heard")
        history.applied[reader.service] = await effects_of(reader)
    history.log = [said(PLACE_EVENTS, row["key"], row["payload"]) for row in await rows(says, ARCHIVE)]
    wanted = _state(history.log)
    findings = judge(history)
    for service, applied in history.applied.items():
        if _state(applied) != wanted:
            findings.append(Finding(Fault.CHANGED, service, "another state"))
    return Outcome(findings, {"events": len(history.log)})


def _state(heard: Sequence[Said]) -> str:
    """A hash of what each key has come to; in which order the keys came does not matter."""
    lines = sorted(f"{one.key} {one.number} {one.id}" for one in heard)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


EXPERIMENT = Experiment("F6", "the broker's disk lost", one_round)
