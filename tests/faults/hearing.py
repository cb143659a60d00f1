"""What the faults of those who hear are told in: a stream written by hand, a store to hear it with, a model of both."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer

from shared.backbone.sending import partition_of
from shared.events.envelope import Fact
from shared.events.streams import PLACE_EVENTS
from shared.runtime.ids import new_id
from shared.runtime.settings import Settings
from tests.faults.checker import Fault, Finding, History, Said, heard_once, judge
from tests.faults.member import Moment, Orders, member
from tests.faults.process import PATIENCE_S, Process
from tests.faults.world import Stage, World
from tests.shared.backbone.network import acknowledged, wire

STREAM = PLACE_EVENTS.name
STANDING = "CREATE TABLE standing (key text PRIMARY KEY, heard bigint NOT NULL, digest bytea NOT NULL)"
POSITIONS = "SELECT partition, next_offset FROM consumer_position WHERE stream = $1"
EFFECTS = "SELECT key, event_id::text AS id, sequence FROM effect ORDER BY at"


class Member:
    """One process of the service after another, under the same orders."""

    def __init__(self, stage: Stage, settings: Settings, *, together: bool) -> None:
        """Nothing starts before `start`."""
        self._stage, self._settings, self._together = stage, settings, together
        self.orders: Any = RawValue(Orders)
        self.lives: list[Process] = []

    @property
    def process(self) -> Process:
        """The last one started."""
        return self.lives[-1]

    @property
    def alive(self) -> bool:
        return bool(self.lives) and self.process.alive

    def start(self) -> None:
        """Run, anew if it ran before; an order to die is used up by then."""
        self.orders.moment = Moment.NEVER
        given = {"orders": self.orders, "together": self._together}
        self.lives.append(self._stage.begin(member, self._settings, **given))

    def order(self, moment: Moment, at: int, linger_ms: int = 0) -> None:
        """Die, or linger, at such a moment once so many more events were begun with."""
        self.orders.at, self.orders.linger_ms = self.orders.handled + at, linger_ms
        self.orders.moment = moment  # last: from now on it holds

    def logged(self, event: str, **values: object) -> int:
        """How often it wrote this in its log, in all its lives."""
        return sum(
            {"event": event, **values}.items() <= line.items() for life in self.lives for line in _lines(life.log)
        )


def _lines(log: Path) -> list[dict[str, object]]:
    texts = log.read_text().splitlines() if log.exists() else []
    lines = [json.loads(text) for text in texts if text.startswith("{") and text.endswith("}")]
    return [{name: value for name, value in line.items() if isinstance(value, str | int)} for line in lines]


@dataclass
class Hearing:
    """A stage with one stream and one store, and all that was said on it so far."""

    stage: Stage
    settings: Settings
    store: asyncpg.Connection
    producer: AIOKafkaProducer
    ends: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(PLACE_EVENTS.partitions), 0))
    said: list[Said] = field(default_factory=list)
    records: list[tuple[str, bytes | None]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def member(self, *, together: bool = False, **settings: Any) -> Member:
        """A process of the service, not started yet."""
        return Member(self.stage, self.settings.model_copy(update=settings), together=together)

    @property
    def topic(self) -> str:
        return PLACE_EVENTS.topic(self.stage.prefix)

    def event(self, key: str, fact: Fact | None = None) -> tuple[str, bytes]:
        """The next event about a key, as a record not yet sent; from here on the model has it."""
        self.counts[key] += 1
        id_ = new_id()
        self.said.append(Said(STREAM, key, key, self.counts[key], str(id_), str(id_)))
        record = key, wire(fact or acknowledged(), key, self.counts[key], id_)
        self.records.append(record)
        return record

    async def say(self, keys: Iterable[str], dice: Random, again: float = 0.0) -> None:
        """One new event per key, in this order; so great a share of them are followed by one said before."""
        records: list[tuple[str, bytes | None]] = []
        for key in keys:
            records.append(self.event(key))
            if dice.random() < again:
                records.append(dice.choice(self.records))
        await self.put(records)

    async def put(self, records: Iterable[tuple[str, bytes | None]], place: Callable[[], int] | None = None) -> None:
        """Write records in this order, each to its key's partition or to the one that `place` says."""
        sends = []
        for key, value in records:
            partition = place() if place else place_of(key)
            sends.append(await self.producer.send(self.topic, value, key=key.encode(), partition=partition))
        for sent in sends:
            lies = await sent
            self.ends[lies.partition] = max(self.ends[lies.partition], lies.offset + 1)

    async def positions(self) -> Mapping[int, int]:
        return {row["partition"]: row["next_offset"] for row in await self.store.fetch(POSITIONS, STREAM)}

    async def at_end(self) -> bool:
        """Whether the store stands at the end of every partition."""
        return await self.positions() == self.ends

    async def heard(self) -> list[Said]:
        """What took effect, in that order."""
        rows = await self.store.fetch(EFFECTS)
        return [Said(STREAM, row["key"], row["key"], row["sequence"], row["id"], row["id"]) for row in rows]

    async def findings(self, missing: Collection[str] = ()) -> list[Finding]:
        """Whatever is not as a single pass over what was said would have it, but for ids that are to be `missing`."""
        model = [one for one in heard_once(self.said) if one.id not in missing]
        history = History(log=model, applied={"reporting": await self.heard()})
        for one in model:
            history.acknowledged[STREAM, one.key].append(one.id)
        excused = {
            Finding(Fault.LOST, STREAM, f"{one.subject} #{one.number}") for one in self.said if one.id in missing
        }
        wrong = [finding for finding in judge(history) if finding not in excused]
        if not wrong and await self.state() != state_of(model):
            wrong.append(Finding(Fault.CHANGED, "state", "its hash is not the model's"))
        inbox = {str(row[0]) for row in await self.store.fetch("SELECT event_id FROM inbox")}
        return wrong + [Finding(Fault.LOST, "inbox", one.id) for one in model if one.id not in inbox]

    async def state(self) -> str:
        """The hash of where all keys stand."""
        rows = await self.store.fetch('SELECT key, heard, digest FROM standing ORDER BY key COLLATE "C"')
        return _hash((row["key"], row["heard"], row["digest"]) for row in rows)


async def sharing(h: Hearing, members: Sequence[Member], dice: Random) -> None:
    """Speak until each of the members hears a part."""
    began = time.monotonic()
    while not all(member.orders.handled for member in members):
        await h.say(some_keys(dice, 20), dice)
        await asyncio.sleep(0.1)
        if time.monotonic() - began > PATIENCE_S:
            raise TimeoutError("not every member got a part")


def place_of(key: str) -> int:
    """The partition of a key."""
    return partition_of(key, PLACE_EVENTS.partitions)


def fenced(member: Member) -> int:
    """How often it found that another had moved on from where it stood."""
    return member.logged("batch-again", why="fenced")


def some_keys(dice: Random, count: int) -> list[str]:
    """So many of forty."""
    return [f"k{dice.randrange(40)}" for _ in range(count)]


def state_of(model: Iterable[Said]) -> str:
    """The hash after a single pass over a log."""
    stands: dict[str, tuple[int, bytes]] = {}
    for one in model:
        heard, digest = stands.get(one.key, (0, b""))
        stands[one.key] = heard + 1, hashlib.sha256(digest + UUID(one.id).bytes).digest()
    return _hash((key, *stands[key]) for key in sorted(stands))


def _hash(rows: Iterable[tuple[str, int, bytes]]) -> str:
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


@asynccontextmanager
async def hearing(world: World) -> AsyncIterator[Hearing]:
    """A round's own stage; all that it started is gone afterwards."""
    async with world.stage() as stage:
        settings = await stage.bare("reporting", retry_seconds=(0.05, 0.05, 0.05), database_pool=4)
        store = await asyncpg.connect(stage.taken[-1].owner_url.replace("+asyncpg", ""))
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True)
        try:
            await store.execute(STANDING)
            await producer.start()
            yield Hearing(stage, settings, store, producer)
        finally:
            await producer.stop()
            await store.close()
