"""P3: exactly once in effect: 50,000 events over 1,000 keys, a tenth of them sent twice, the consumer killed half-way.

Ours is a set handler under the service's whole backbone: ids, order per key, numbers per subject, parked keys, position
compared on write. The peer handles a message at a time and is slower, so it is given 3,000. The rate is of the time in
which a consumer was at work: from its first batch to the kill, and from the first batch afterwards to the end; how long
it was away is said beside it. Both are static members of their group, so that neither waits for the dead one's session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from shared.backbone.consumers import Consumers
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.events.envelope import Event
from shared.events.referral import ReferralAccepted
from shared.events.streams import REFERRAL_EVENTS
from shared.runtime.settings import Settings
from shared.runtime.store import Store, Tx
from tests.benchmarks.figures import Figure, Measures
from tests.benchmarks.harness import Bench, Child
from tests.benchmarks.peers import hearing
from tests.benchmarks.rows import twice_said

PATIENCE_S = 180.0
_NOTE = """
INSERT INTO effect (key, event_id, sequence)
SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:ids AS uuid[]), CAST(:numbers AS bigint[]))
"""
_DONE = """
SELECT count(DISTINCT event_id) AS known, count(*) - count(DISTINCT event_id) AS doubled,
    (SELECT count(*) FROM (SELECT sequence < lag(sequence) OVER (PARTITION BY key ORDER BY at) AS back FROM effect) o
     WHERE back) AS reordered
FROM effect
"""
# A transaction is a batch, and its last id noted the moment of it.
_BATCHES = """
SELECT count(*) AS n, extract(epoch FROM max(seen_at))::float8 AS at FROM {inbox} GROUP BY xmin::text ORDER BY 2
"""


async def produce(kafka: str, topic: str, count: int) -> Measures:
    """Put them on the topic."""
    records = 0
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=5) as producer:
        for key, value in twice_said(count):
            await producer.send(topic, value, key=key.encode())
            records += 1
    return {"records": records}


async def ours(dsn: str, kafka: str, prefix: str) -> None:
    """The service's backbone, until ended."""
    store, table = Store(dsn, "reporting"), Consumers("reporting")

    @table.on_many(REFERRAL_EVENTS, ReferralAccepted)
    async def note(tx: Tx, events: Sequence[Event[Any]]) -> None:
        said = {"keys": [e.key for e in events], "ids": [e.id for e in events], "numbers": [e.sequence for e in events]}
        await tx.run(_NOTE, **said)

    settings = Settings(
        service="reporting", database_url=SecretStr(dsn), kafka=kafka, stream_prefix=prefix, static_members=True
    )
    async with Backbone(settings, store, table, Timers()).running():
        await asyncio.Event().wait()


# Asked fifty times a second, so it must cost next to nothing beside what is measured.
_READ = "SELECT coalesce(sum(next_offset), 0) FROM consumer_position"
_KEPT = "SELECT count(*) FROM peer_inbox"


async def killed_once(
    bench: Bench, side: Child, dsn: str, inbox: str, count: int, far: tuple[str, int], **place: str
) -> Measures:
    """Start it, kill it at four tenths, start it again; what came of it. `far`: how far it is, and how far to go."""
    watcher = await asyncpg.connect(dsn.replace("+asyncpg", "", 1))
    async with bench.beside(side, dsn=dsn, **place) as child:
        await _until(watcher, far[0], far[1] * 0.4)
        child.kill()
        killed = await watcher.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    async with bench.beside(side, dsn=dsn, **place):
        await _until(watcher, *far)
    batches = await watcher.fetch(_BATCHES.format(inbox=inbox))
    done = await watcher.fetchrow(_DONE)
    await watcher.close()
    back = min((row["at"] for row in batches if row["at"] > killed), default=killed)
    found = {"lost": count - done["known"], "doubled": done["doubled"], "reordered": done["reordered"]}
    return {"rate": _rate(batches, killed), "away_s": back - killed, **found}


def _rate(batches: Sequence[asyncpg.Record], killed: float) -> float:
    """Events a second between one batch and the next, without the step that leads over the kill."""
    steps = [(before, after) for before, after in pairwise(batches) if not before["at"] <= killed < after["at"]]
    heard, took = sum(after["n"] for _, after in steps), sum(after["at"] - before["at"] for before, after in steps)
    return float(heard / took) if took else 0.0


async def _until(watcher: asyncpg.Connection, sql: str, count: float) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await watcher.fetchval(sql) < count:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)


async def measure(bench: Bench) -> list[Figure]:
    count, fewer, kafka = bench.some(50_000, least=5000), bench.some(3000, least=500), bench.engines.kafka
    async with bench.topics(REFERRAL_EVENTS) as prefix, bench.topics(REFERRAL_EVENTS) as short:
        topic, short_topic = REFERRAL_EVENTS.topic(prefix), REFERRAL_EVENTS.topic(short)
        records = int((await bench.alone(produce, kafka=kafka, topic=topic, count=count))["records"])
        await bench.alone(produce, kafka=kafka, topic=short_topic, count=fewer)

        async def ours_turn() -> Measures:
            async with bench.store("reporting") as store:
                await hearing.make_tables(store.owner_url)
                return await killed_once(
                    bench, ours, store.app_url, "inbox", count, (_READ, records), kafka=kafka, prefix=prefix
                )

        async def peer_turn() -> Measures:
            async with bench.store("reporting") as store:
                await hearing.make_tables(store.owner_url)
                place = {"kafka": kafka, "topic": short_topic, "group": uuid4().hex}
                far = _KEPT, fewer
                return await killed_once(bench, hearing.per_message, store.app_url, "peer_inbox", fewer, far, **place)

        async def bound_turn() -> Measures:
            async with bench.store("reporting") as store:
                await hearing.make_tables(store.owner_url)
                found = await bench.alone(hearing.bound, dsn=store.app_url, kafka=kafka, topic=topic, count=records)
                return {"rate": found["rate"] * count / records}

        runs = await bench.interleaved("P3", {"ours": ours_turn, "faststream": peer_turn, "bound": bound_turn})
    return [
        runs.ratio(
            "P3",
            "consumed exactly once, events/s, over FastStream + SQLModel per message",
            of="ours.rate",
            to="faststream.rate",
            at_least=100,
        ),
        runs.ratio("P3", "… over getmany + unnest insert", of="ours.rate", to="bound.rate", at_least=0.4),
        runs.never("P3", "lost over the kill", of="ours.lost"),
        runs.never("P3", "doubled over the kill", of="ours.doubled"),
        runs.never("P3", "out of order within a key", of="ours.reordered"),
        runs.ratio("P3", "away after the kill, s", of="ours.away_s", to="faststream.away_s"),
    ]
