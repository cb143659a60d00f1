"""P2: from commit to the broker's acknowledgement, when events come one by one; and what the relay costs writers.

Arrivals are Poisson in spells of two seconds with a second of quiet between them, an open loop: nobody waits for the
one before. The clock starts when the commit is asked for and stops when the broker has acknowledged, for all alike; the
bare side commits the same row, then awaits `send_and_wait` itself. Writer and relay share a process, as in a service.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from random import Random
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from shared.backbone.outbox import record
from shared.backbone.producer import Batch, Producer, make_producer
from shared.backbone.relay import Relay
from shared.events.referral import ReferralAccepted
from shared.events.streams import REFERRAL_EVENTS
from shared.runtime.actor import system
from shared.runtime.store import Store
from tests.benchmarks.figures import Figure, Measures, percentile
from tests.benchmarks.harness import Bench
from tests.benchmarks.p1_relay import OURS, WRITERS
from tests.benchmarks.pacing import at_pace, poisson
from tests.benchmarks.peers import outbox_relay
from tests.benchmarks.rows import AT, SUBJECTS, Sayings, subjects

PLAN = ((20, 8.0), (50, 6.0), (200, 4.0))  # arrivals a second, for so many busy seconds
PACE_S = 5.0
WARM_S = 2.0

Say = Callable[[str], Awaitable[tuple[str, float]]]
"""Say something of a subject; its id, and when its commit was asked for."""


def _id_in(wire: bytes) -> str:
    start = wire.index(b'"id":"') + 6
    return wire[start : start + 36].decode()


class Noted:
    """A batch that remembers whose it is."""

    def __init__(self, batch: Batch) -> None:
        """Beside the relay's own."""
        self.batch, self.ids = batch, list[str]()

    def append(self, *, value: bytes | None, **more: Any) -> object | None:
        added = self.batch.append(value=value, **more)
        if added is not None and value is not None:
            self.ids.append(_id_in(value))
        return added

    def close(self) -> None:
        self.batch.close()


def noting(producer: Producer, acknowledged: Callable[[Iterable[str]], None]) -> Producer:
    """The relay's producer, telling the ids of each batch when its acknowledgement is there."""
    make, send = producer.create_batch, producer.send_batch

    async def send_batch(batch: Noted, topic: str, *, partition: int) -> asyncio.Future[object]:
        sent = await send(batch.batch, topic, partition=partition)
        sent.add_done_callback(lambda _: acknowledged(batch.ids))
        return sent

    producer.create_batch = lambda: Noted(make())  # type: ignore[method-assign]
    producer.send_batch = send_batch  # type: ignore[method-assign, assignment]
    return producer


class Clock:
    """When each event's commit was asked for, and when it was acknowledged."""

    def __init__(self) -> None:
        """Seconds of the monotonic clock, by id."""
        self.asked: dict[str, float] = {}
        self.known: dict[str, float] = {}

    def acknowledged(self, ids: Iterable[str]) -> None:
        """Now."""
        now = time.monotonic()
        self.known |= dict.fromkeys(ids, now)

    async def of(self, say: Say, a_second: float, seconds: float) -> Measures:
        """Have things said at random moments; what it took, in milliseconds."""
        self.asked, self.known = {}, {}
        rng, began = Random(a_second), time.monotonic()
        async with asyncio.timeout(seconds * 4 + 30), asyncio.TaskGroup() as saying:
            for moment in poisson(a_second, seconds, rng):
                await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
                saying.create_task(self._say(say, rng.choice(subjects(SUBJECTS))))
        async with asyncio.timeout(30):
            while self.asked.keys() - self.known.keys():  # noqa: ASYNC110 - nobody tells us which is the last
                await asyncio.sleep(0.05)
        took = [(self.known[id_] - asked) * 1000 for id_, asked in self.asked.items()]
        return {f"p50@{a_second:g}": percentile(took, 0.5), f"p99@{a_second:g}": percentile(took, 0.99)}

    async def _say(self, say: Say, subject: str) -> None:
        id_, asked = await say(subject)
        self.asked[id_] = asked

    async def all(self, say: Say, scale: float) -> Measures:
        """Every pace of the plan, after a while that is not counted."""
        await self.of(say, 20, WARM_S)
        found: dict[str, float] = {}
        for a_second, seconds in PLAN:
            found |= await self.of(say, a_second, max(2.0, seconds * scale))
        return found


def saying(store: Store) -> Say:
    """As an action does: the event is recorded in the service's transaction."""

    async def say(subject: str) -> tuple[str, float]:
        async with store.transaction(system("referral")) as tx:
            fact = ReferralAccepted(reference="K7F-3QD")
            id_ = await record(tx, fact, subject=subject, key=subject, time=AT)
            asked = time.monotonic()
        return str(id_), asked

    return say


async def ours(dsn: str, kafka: str, prefix: str, scale: float) -> Measures:
    """The store's own transactions, the service's relay woken by their commits."""
    store, clock = Store(dsn, "referral"), Clock()
    relay = Relay(dsn, lambda: noting(make_producer(kafka, "referral"), clock.acknowledged), prefix=prefix)
    store.on_commit(relay.wake)
    carrying = asyncio.create_task(relay.run())
    found = await clock.all(saying(store), scale)
    relay.stop()
    await carrying
    await store.close()
    return found


async def bare(dsn: str, kafka: str, prefix: str, scale: float) -> Measures:
    """Commit, then send and wait: no relay, and nothing that would survive a death between the two."""
    store, clock, topic = Store(dsn, "referral"), Clock(), REFERRAL_EVENTS.topic(prefix)
    commit, words = saying(store), Sayings(subjects(SUBJECTS))
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True) as producer:

        async def say(subject: str) -> tuple[str, float]:
            id_, asked = await commit(subject)
            await producer.send_and_wait(topic, words.next()[1], key=subject.encode())
            clock.acknowledged([id_])
            return id_, asked

        found = await clock.all(say, scale)
    await store.close()
    return found


async def peer(dsn: str, kafka: str, prefix: str, scale: float) -> Measures:
    """faststream-outbox: `publish` in the caller's session, one worker, woken by its NOTIFY."""
    engine, clock, words = create_async_engine(dsn, pool_size=16), Clock(), Sayings(subjects(SUBJECTS))
    sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
    peer = outbox_relay.Peer(
        engine, kafka, REFERRAL_EVENTS.topic(prefix), 1, lambda body: clock.acknowledged([_id_in(body)])
    )
    await peer.app.start()

    async def say(subject: str) -> tuple[str, float]:
        wire = words.next()[1]
        async with sessions() as session, session.begin():
            headers = outbox_relay.headers_of(subject)
            await peer.outbox.publish(wire, queue=outbox_relay.QUEUE, headers=headers, session=session)
            asked = time.monotonic()
        return _id_in(wire), asked

    found = await clock.all(say, scale)
    await peer.app.stop()
    await peer.kafka.stop()
    await engine.dispose()
    return found


async def paced(dsn: str, kafka: str, prefix: str, scale: float, relayed: bool) -> Measures:
    """Four writers, 500 commits a second each: what they reach, and how long a commit takes them."""
    relay = Relay(dsn, partial(make_producer, kafka, "referral"), prefix=prefix)
    carrying = asyncio.create_task(relay.run()) if relayed else None
    mine = [Sayings(subjects(SUBJECTS)[number::WRITERS]) for number in range(WRITERS)]
    seconds = max(1.0, PACE_S * scale)
    took = await asyncio.gather(*(_writer(dsn, sayings, seconds, relay.wake) for sayings in mine))
    relay.stop()
    if carrying:
        await carrying
    all_of_them = [one for writer in took for one in writer]
    return {
        "rate": len(all_of_them) / seconds,
        "p50": percentile(all_of_them, 0.5),
        "p99": percentile(all_of_them, 0.99),
    }


async def _writer(dsn: str, sayings: Sayings, seconds: float, wake: Callable[[], None]) -> list[float]:
    """Milliseconds of each commit within so many seconds."""
    connection = await asyncpg.connect(dsn.replace("+asyncpg", "", 1))
    insert = await connection.prepare(OURS)
    took: list[float] = []
    end = time.monotonic() + seconds
    async for _ in at_pace(500):
        began = time.monotonic()
        if began >= end:
            break
        await insert.fetch(*sayings.next())
        wake()
        took.append((time.monotonic() - began) * 1000)
    await connection.close()
    return took


async def measure(bench: Bench) -> list[Figure]:
    async def turn(side: Callable[..., Awaitable[Measures]], **more: Any) -> Measures:
        async with bench.store("referral") as store, bench.topics(REFERRAL_EVENTS) as prefix:
            await outbox_relay.make_table(store.owner_url)
            place = {"dsn": store.app_url, "kafka": bench.engines.kafka, "prefix": prefix, "scale": bench.scale}
            return await bench.alone(side, **place, **more)

    turns = max(1, round(bench.pairs * 0.6))  # a turn is long, and so is the way to a hundredth percentile
    sides = {"ours": partial(turn, ours), "outbox-1": partial(turn, peer), "bare": partial(turn, bare)}
    runs = await bench.interleaved("P2", sides, turns)
    figures: list[Figure] = []
    for pace, _ in PLAN:
        p50, p99 = f"p50@{pace}", f"p99@{pace}"
        says = f"commit → acknowledged at {pace}/s, ms:"
        peers = runs.ratio(
            "P2", f"{says} p50, over faststream-outbox", of=f"ours.{p50}", to=f"outbox-1.{p50}", at_most=0.45
        )
        bares = runs.ratio("P2", f"{says} p99, over bare commit + send", of=f"ours.{p99}", to=f"bare.{p99}", at_most=3)
        figures += [peers, bares]
    writers = {"on": partial(turn, paced, relayed=True), "off": partial(turn, paced, relayed=False)}
    runs = await bench.interleaved("P2 writers", writers)
    says = "writers paced at 2,000/s, relay on over off:"
    figures.append(runs.ratio("P2", f"{says} commits/s", of="on.rate", to="off.rate", at_least=0.97))
    figures.append(runs.ratio("P2", f"{says} p50 of a commit, ms", of="on.p50", to="off.p50"))
    return figures
