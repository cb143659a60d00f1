"""F11: what is parked is replayed twice, while more comes in: the same end state, and nobody is told twice."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

from services.notifications.actions.sending import Outgoing
from services.notifications.consumers import consumers
from services.notifications.mail import Outcome as Handed
from services.notifications.sender import Sender
from shared.backbone.consumers import Record
from shared.backbone.running import Backbone
from shared.backbone.sending import partition_of
from shared.backbone.timers import Timers
from shared.events.streams import STREAMS, read_by
from shared.runtime import sealing
from shared.runtime.actor import system
from shared.runtime.settings import Settings
from tests.faults.checker import Effect, Fault, Finding, compare
from tests.faults.experiment import Experiment, Outcome
from tests.faults.looking import all_heard, rows, until
from tests.faults.mains import store_of
from tests.faults.process import Line, Process
from tests.faults.world import Stage, World
from tests.services.notifications.stage import PRIVATE, Story

HEARD = read_by("notifications")
REFUSING = """
CREATE TABLE refused (referral_id uuid);
GRANT SELECT ON refused TO PUBLIC;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM refused r WHERE r.referral_id = NEW.referral_id) THEN RAISE 'refused'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION refuse();
"""
MESSAGES = "SELECT id::text, event_id::text, audience, occasion, state FROM message"
MOVING = "SELECT 1 FROM message WHERE state IN ('queued', 'sending')"


async def notifier(line: Line, settings: Settings) -> None:
    """Notifications as it is, but for a mail server that tells us; `replay` is answered with how many were acted on."""
    table = consumers(sealing.private_key(settings.contact_private_key.get_secret_value()))
    async with store_of(settings) as store:
        backbone, sender = (
            Backbone(settings, store, table, Timers()),
            Sender(store, Posted(line), "http://kith.example"),
        )
        replay = partial(backbone.replay, actor=system(settings.service))
        async with backbone.running():
            sending = asyncio.create_task(sender.run())
            line.tell("up")
            while (word := await line.word()) != "end":
                if word == "replay":
                    both = await asyncio.gather(replay(), replay())
                    line.tell(word, sum(one.result == "acted" for outcomes in both for one in outcomes))
                elif word == "try":
                    line.tell(word, sum(one.result == "acted" for one in await replay(dry_run=True)))
            sender.stop()
            await sending


class Posted:
    """A mail server that takes all, and tells of each."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def deliver(self, outgoing: Outgoing) -> Handed:
        self._line.tell("mail", str(outgoing.message_id))
        return Handed.TAKEN


class Post:
    """The streams that notifications hears, written by hand."""

    def __init__(self, stage: Stage, producer: AIOKafkaProducer) -> None:
        self._prefix, self._producer = stage.prefix, producer
        self._numbers: Counter[tuple[str, str]] = Counter()
        self.said: list[Record] = []

    async def tell(self, dice: Random, *stories: Story) -> None:
        """All of these stories, each stream's part of one in its order, else mixed."""
        lists = [list(part) for story in stories for part in story.streams]
        mixed: list[Record] = []
        while lists := [part for part in lists if part]:
            mixed.append(self._numbered(dice.choice(lists).pop(0)))
        await self._put(mixed)

    async def again(self, dice: Random, count: int) -> None:
        """Some of it as it was said before."""
        await self._put(dice.sample(self.said, count))

    def _numbered(self, record: Record) -> Record:
        event: dict[str, Any] = json.loads(record.value or b"")
        self._numbers[record.stream, event["subject"]] += 1
        event["sequence"] = f"{self._numbers[record.stream, event['subject']]:020}"
        self.said.append(Record(record.stream, 0, 0, record.key, json.dumps(event).encode()))
        return self.said[-1]

    async def _put(self, records: Sequence[Record]) -> None:
        sends = [await self._send(record) for record in records]
        await asyncio.gather(*sends)

    async def _send(self, record: Record) -> asyncio.Future[object]:
        stream = next(stream for stream in STREAMS if stream.name == record.stream)
        place, topic = partition_of(record.key, stream.partitions), stream.topic(self._prefix)
        sent: asyncio.Future[object] = await self._producer.send(
            topic, record.value, key=record.key.encode(), partition=place
        )
        return sent


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """Messages about some people are refused; then all is mended and replayed, and a clean run is held beside it."""
    async with world.stage(*STREAMS) as stage:
        told, clean = [await _settings(stage) for _ in range(2)]
        producer = AIOKafkaProducer(bootstrap_servers=told.kafka, enable_idempotence=True)
        await producer.start()
        try:
            post, stories = Post(stage, producer), [Story() for _ in range(40 if long else 4)]
            unlucky = dice.sample(stories, 2)
            await _refuse(stage, [str(story.ids.referral) for story in unlucky])
            process = await stage.start(notifier, told)
            await post.tell(dice, *stories[:-1], *set(unlucky) - set(stories[:-1]))
            await _all_heard(told)
            await until(partial(_parked, told), "what was refused is parked")
            parked = (await rows(told, "SELECT count(*) FROM parked_event"))[0][0]
            wrong = await _replayed(post, process, dice, stories, unlucky, stage)
            return Outcome(wrong + await _unlike(stage, process, told, clean), {"parked": parked})
        finally:
            await producer.stop()


async def _settings(stage: Stage) -> Settings:
    addresses = await stage.world.databases.fresh("notifications")
    return stage.settings("notifications", addresses, contact_private_key=PRIVATE, retry_seconds=(0.05,))


async def _refuse(stage: Stage, referrals: Sequence[str]) -> None:
    """From now on no message about these can be written down in the first store."""
    await _as_owner(stage, REFUSING)
    for referral in referrals:
        await _as_owner(stage, f"INSERT INTO refused VALUES ('{referral}')")


async def _as_owner(stage: Stage, sql: str) -> None:
    owner = await asyncpg.connect(stage.taken[0].owner_url.replace("+asyncpg", ""))
    try:
        await owner.execute(sql)
    finally:
        await owner.close()


async def _all_heard(settings: Settings) -> None:
    for stream in HEARD:
        await until(partial(all_heard, settings, stream), f"{stream.name} is heard to its end")


async def _parked(told: Settings) -> bool:
    """Whether nothing is being tried any more: what is first of its key is parked, and the rest waits behind it."""
    first = "SELECT DISTINCT ON (stream, key) next_at FROM parked_event ORDER BY stream, key, id"
    found = await rows(told, first)
    return bool(found) and all(row["next_at"] is None for row in found)


async def _replayed(
    post: Post, process: Process, dice: Random, stories: Sequence[Story], unlucky: Sequence[Story], stage: Stage
) -> list[Finding]:
    """Tried while still refused, tried when mended, then replayed twice at once and once more, while more comes."""
    vain = await process.ask("try")
    await _as_owner(stage, "DROP TRIGGER refuse ON message")
    would = await process.ask("try")
    last = [story for story in stories[-1:] if story not in unlucky]
    live = asyncio.gather(post.tell(dice, *last), post.again(dice, len(post.said) // 3))
    acted = await process.ask("replay")
    await live
    more = await process.ask("replay")
    wrong = [Finding(Fault.BROKEN, "a try", f"{vain} were acted on while refused")] if vain else []
    if acted + more != would:
        wrong.append(Finding(Fault.BROKEN, "a try", f"said {would}, and {acted} and {more} were acted on"))
    return wrong


async def _unlike(stage: Stage, process: Process, told: Settings, clean: Settings) -> list[Finding]:
    """Where the store and the mailbox differ from those of a service that hears the same without any trouble."""
    await _at_rest(told)
    await process.end()
    beside = await stage.start(notifier, clean)
    await _at_rest(clean)
    await beside.end()
    aside = [
        Finding(Fault.LOST, "parked", str(row[0])) for row in await rows(told, "SELECT event_id FROM parked_event")
    ]
    return aside + compare(await _told(clean, beside), await _told(told, process))


async def _at_rest(settings: Settings) -> None:
    async def nothing_moves() -> bool:
        return not await rows(settings, MOVING)

    await _all_heard(settings)
    await until(nothing_moves, "every message is at rest")


async def _told(settings: Settings, process: Process) -> list[Effect]:
    """Messages as they stand and as they were handed to the mail server, named alike in every store."""
    found = {row["id"]: row for row in await rows(settings, MESSAGES)}
    named = {id_: f"{row['occasion']} to {row['audience']} of {row['event_id']}" for id_, row in found.items()}
    mails = [Effect("mailbox", named[id_]) for id_ in process.told.get("mail", ())]
    return mails + [Effect("message", f"{named[id_]} {row['state']}") for id_, row in found.items()]


EXPERIMENT = Experiment("F11", "parked events replayed twice, while live", one_round)
