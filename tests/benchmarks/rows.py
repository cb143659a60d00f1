"""Events to measure with: real envelopes, gapless per key, the same bytes for every side; a check of their order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.events.envelope import SEQUENCE_DIGITS, Event
from shared.events.referral import ReferralAccepted
from shared.events.streams import REFERRAL_EVENTS
from shared.runtime.ids import new_id

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PATIENCE_S = 120.0
SUBJECTS = 1000
AGAIN_AFTER = 50  # how many records later a repeat comes
_ID, _KEY = UUID(int=1), UUID(int=2)


class Numbered(msgspec.Struct):
    """What a check needs of an event."""

    partitionkey: str
    sequence: str


@cache
def subjects(count: int) -> tuple[str, ...]:
    """So many subjects, the same ones each time."""
    return tuple(str(UUID(int=1_000_000 + number)) for number in range(count))


def _sample() -> str:
    fact, key = ReferralAccepted(reference="K7F-3QD"), str(_KEY)
    more = {"source": "referral", "type": fact.type_name(), "time": AT, "correlation": key, "data": fact}
    wire = Event[ReferralAccepted](id=_ID, subject=key, key=key, sequence=1, **more).wire()
    return wire.decode()


class Sayings:
    """What is said of some subjects in turn, numbered from 1 for each; one speaker per subject, or numbers repeat."""

    def __init__(self, subjects: Sequence[str], *, start: int = 0) -> None:
        """`start`: how many were said of each before."""
        self._subjects, self._said = subjects, start * len(subjects)
        number = f"{1:0{SEQUENCE_DIGITS}}"
        pattern = _sample().replace(str(_ID), "%(id)s").replace(str(_KEY), "%(key)s")
        self._pattern = pattern.replace(number, f"%(number)0{SEQUENCE_DIGITS}d")

    def next(self) -> tuple[str, bytes]:
        """Key and payload."""
        key, number = self._subjects[self._said % len(self._subjects)], self._said // len(self._subjects) + 1
        self._said += 1
        return key, (self._pattern % {"id": new_id(), "key": key, "number": number}).encode()

    def some(self, count: int) -> Iterator[tuple[str, bytes]]:
        """So many, one subject after another."""
        return (self.next() for _ in range(count))


def twice_said(count: int) -> Iterator[tuple[str, bytes]]:
    """Every tenth again, fifty records later; nothing again at the very end, so that the last record is a new one."""
    waiting: deque[tuple[int, tuple[str, bytes]]] = deque()
    for number, row in enumerate(Sayings(subjects(SUBJECTS)).some(count)):
        yield row
        if number % 10 == 0 and number < count - 4 * AGAIN_AFTER:
            waiting.append((number + AGAIN_AFTER, row))
        while waiting and waiting[0][0] <= number:
            yield waiting.popleft()[1]


async def arrived(kafka: str, prefix: str, count: int) -> float:
    """Records a second that come to lie on the topic, from the first until `count` are there; seen from outside."""
    places = [TopicPartition(REFERRAL_EVENTS.topic(prefix), number) for number in range(REFERRAL_EVENTS.partitions)]
    first: tuple[float, int] | None = None
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as watcher, asyncio.timeout(PATIENCE_S):
        while True:
            total, now = sum((await watcher.end_offsets(places)).values()), time.monotonic()
            if total and first is None:
                first = now, total
            if first and total >= count:
                return float((total - first[1]) / (now - first[0]))
            await asyncio.sleep(0.02)


@asynccontextmanager
async def reading(kafka: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A reader of a whole topic from its beginning, in no group."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest", max_poll_records=5000)
    async with consumer:
        consumer.assign([TopicPartition(topic, number) for number in range(REFERRAL_EVENTS.partitions)])
        await consumer.seek_to_beginning()
        yield consumer


async def check(kafka: str, topic: str, each: int) -> dict[str, int]:
    """What is on the topic: how many came out of order within their key, and how many of `each` per key are missing."""
    highest: dict[str, int] = {}
    seen: dict[str, set[int]] = {}
    reordered = 0
    async with reading(kafka, topic) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        left = sum(ends.values())
        while left > 0:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                left -= len(records)
                for key, number in map(_numbered, records):
                    known = seen.setdefault(key, set())
                    reordered += number < highest.get(key, 0) and number not in known
                    highest[key] = max(number, highest.get(key, 0))
                    known.add(number)
    lost = sum(each - sum(number <= each for number in known) for known in seen.values())
    return {"reordered": reordered, "lost": lost}


def _numbered(record: ConsumerRecord) -> tuple[str, int]:
    head = msgspec.json.decode(record.value, type=Numbered)
    return head.partitionkey, int(head.sequence)
