"""What one round's streams and stores hold, read past the services, and when they have come to rest."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events.streams import PLACE_EVENTS, Stream
from shared.runtime.settings import Settings
from tests.faults.checker import Effect, History, Said
from tests.faults.process import PATIENCE_S, Process

EFFECTS = "SELECT key, event_id::text AS id, sequence FROM effect ORDER BY at"
UNSENT = "SELECT count(*) FROM outbox"
POSITIONS = "SELECT partition, next_offset FROM consumer_position WHERE stream = $1"


class NotYet(TimeoutError):
    """What was waited for did not come in time."""


async def until(true: Callable[[], Awaitable[object]], words: str, seconds: float = PATIENCE_S) -> None:
    """Wait for what must come, looking again and again; `NotYet` says the words when it did not in time."""
    end = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > end:
            raise NotYet(f"still not so after {seconds:.0f} s: {words}")
        await asyncio.sleep(0.02)


async def rows(settings: Settings, sql: str, *values: object) -> list[asyncpg.Record]:
    """The rows of a statement on a service's store."""
    store = await asyncpg.connect(settings.database_url.get_secret_value().replace("+asyncpg", "", 1))
    try:
        found: list[asyncpg.Record] = await store.fetch(sql, *values)
        return found
    finally:
        await store.close()


async def log_of(settings: Settings, stream: Stream = PLACE_EVENTS) -> list[Said]:
    """A stream from its beginning to its end, each partition in its order; what is said is an event's id."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        places = _places(settings, stream)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[Said] = []
        async with asyncio.timeout(PATIENCE_S):
            while any([await consumer.position(place) < ends[place] for place in places]):
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    found += [said(stream, record.key.decode(), record.value) for record in batch]
        return found
    finally:
        await consumer.stop()


def _places(settings: Settings, stream: Stream) -> list[TopicPartition]:
    return [TopicPartition(stream.topic(settings.stream_prefix), number) for number in range(stream.partitions)]


def said(stream: Stream, key: str, value: bytes) -> Said:
    """A record as the checker reads it."""
    event: dict[str, Any] = json.loads(value)
    return Said(stream.name, key, event["subject"], int(event["sequence"]), event["id"], event["id"])


async def ends_of(settings: Settings, stream: Stream = PLACE_EVENTS) -> dict[int, int]:
    """The offset after the last record of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        return {place.partition: end for place, end in (await consumer.end_offsets(_places(settings, stream))).items()}
    finally:
        await consumer.stop()


async def effects_of(settings: Settings) -> list[Said]:
    """What a bare service noted of what it heard, in its order."""
    found = await rows(settings, EFFECTS)
    return [Said(settings.service, row["key"], row["key"], row["sequence"], row["id"], row["id"]) for row in found]


async def all_sent(settings: Settings) -> bool:
    """Whether a service's outbox is empty."""
    return not (await rows(settings, UNSENT))[0][0]


async def all_heard(settings: Settings, stream: Stream = PLACE_EVENTS) -> bool:
    """Whether a service has read a stream to its end."""
    ends = await ends_of(settings, stream)
    at = {row["partition"]: row["next_offset"] for row in await rows(settings, POSITIONS, stream.name)}
    return all(at.get(partition, 0) == end for partition, end in ends.items())


async def history_of(speakers: Sequence[Process], *listeners: Settings) -> History:
    """What speakers promised, what lies on place-events, and what listeners noted, once all has come to rest.

    What has not come to rest in time is for the checker to miss.
    """
    history, says = History(), speakers[0].settings
    for speaker in speakers:
        note_promises(history, speaker)
    with contextlib.suppress(NotYet):
        await until(partial(all_sent, says), "all is sent")
        for settings in listeners:
            await until(partial(all_heard, settings), "all is heard")
    for settings in listeners:
        history.applied[settings.service] = await effects_of(settings)
    history.log = await log_of(says)
    return history


def note_promises(history: History, speaker: Process) -> None:
    """What a speaker (tests.faults.mains) asked for and was answered, dead or alive."""
    history.asked += [Effect(PLACE_EVENTS.name, id_) for _, ids in speaker.told.get("asked", ()) for id_ in ids]
    for key, ids in speaker.told.get("acknowledged", ()):
        history.acknowledged[PLACE_EVENTS.name, key] += ids
