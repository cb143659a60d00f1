"""F22: retention passes the place where a stopped service stood: it says so and reads nothing until told to go on.

What is lost and is sent again then, as its owner can, is acted on after all.
"""

import asyncio
from random import Random

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tests.faults.checker import Effect, Fault, Finding, Said, compare
from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import STREAM, Hearing, Member, hearing, place_of, some_keys
from tests.faults.looking import until
from tests.faults.world import World

COMMAND = "kith stream restart reporting place-events --from beginning"


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Some is heard, some is lost while the service is stopped, and more is said behind the loss."""
    async with hearing(world) as h:
        member = h.member(static_members=True)
        member.start()
        await h.say(some_keys(dice, 100), dice)
        await until(h.at_end, "all is heard")
        await member.process.end()
        before, stood = len(h.said), await h.positions()
        await h.say(some_keys(dice, 100), dice)
        lost = await _pass_over(h, dice, h.said[before:])
        await h.say(some_keys(dice, 100), dice)
        member.start()
        wrong = await _stands_still(h, member, before, 30 if long else 1.5)
        if await h.positions() != stood:
            wrong.append(Finding(Fault.BROKEN, "consumer_position", "was moved though nobody said so"))
        await member.process.ask("restart")
        await until(h.at_end, "what is left is heard")
        wrong += await h.findings(missing={one.id for one in lost})
        await h.put(h.records[before:])
        await until(h.at_end, "the window that was sent again is heard")
        wrong += await _all_came(h)
        return Outcome(wrong, {"gone": len(lost)})


async def _pass_over(h: Hearing, dice: Random, said: list[Said]) -> list[Said]:
    """Delete what some partitions hold so far; what of this round's is lost with it."""
    partitions = dice.sample(sorted({place_of(one.key) for one in said}), dice.randint(1, 6))
    admin = AIOKafkaAdminClient(bootstrap_servers=h.settings.kafka)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(h.topic, n): RecordsToDelete(h.ends[n]) for n in partitions})
    finally:
        await admin.close()
    return [one for one in said if place_of(one.key) in partitions]


async def _stands_still(h: Hearing, member: Member, before: int, still_s: float) -> list[Finding]:
    """What it failed to do: name the loss and the way on, and act on nothing until then."""

    async def named() -> bool:
        return any(COMMAND in trouble for trouble in await member.process.ask("status"))

    try:
        await until(named, "it names the command", 20)
    except TimeoutError:
        return [Finding(Fault.BROKEN, "status", f"does not name the way on: {await member.process.ask('status')}")]
    await asyncio.sleep(still_s)  # nothing tells of what does not happen
    acted = len(await h.heard()) - before
    return [Finding(Fault.UNASKED, "effect", f"{acted} were acted on past the loss")] if acted else []


async def _all_came(h: Hearing) -> list[Finding]:
    """Whatever did not take effect once, in whichever order, and whatever was put aside."""
    aside = await h.store.fetch("SELECT key, error_class FROM parked_event")
    wrong = [Finding(Fault.BROKEN, "parked", f"{row['key']} {row['error_class']}") for row in aside]
    found = [Effect(STREAM, one.id) for one in await h.heard()]
    return wrong + compare([Effect(STREAM, one.id) for one in h.said], found)


EXPERIMENT = Experiment("F22", "retention passed a stopped service", one_round)
