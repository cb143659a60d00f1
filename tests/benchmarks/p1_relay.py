"""P1: how fast a backlog is carried to the broker, while four writers go on inserting and what was sent is kept.

The backlog is the same 200,000 events over 1,000 keys for all. faststream-outbox is slower, so its rate is that of its
first thousands out of that backlog. Writers commit a row at a time, 2,000 a second together, from another process. Raw
`send` has the broker and the machine to itself: no store, no writers. Rates are of what lies on the topic, seen from
outside. Afterwards our topic is read: nothing may be missing or out of order within a key. One worker of the peer keeps
that order, sixteen do not promise it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from functools import partial

import asyncpg
from aiokafka import AIOKafkaProducer

from shared.backbone.producer import make_producer
from shared.backbone.relay import Relay
from shared.events.streams import REFERRAL_EVENTS
from tests.benchmarks.figures import Figure, Measures
from tests.benchmarks.harness import Bench
from tests.benchmarks.pacing import at_pace
from tests.benchmarks.peers import outbox_relay
from tests.benchmarks.rows import SUBJECTS, Sayings, arrived, check, subjects

WRITERS = 4
PACE = 500.0  # commits a second of each writer
OURS = "INSERT INTO outbox (stream, key, payload) VALUES ('referral-events', $1, $2)"
PEERS = f"""
INSERT INTO peer_outbox (queue, payload, headers) VALUES ('{outbox_relay.QUEUE}', $2,
    jsonb_build_object('content-type', '{outbox_relay.CONTENT_TYPE}', 'correlation_id', $1::text))
"""


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "", 1)


async def writers(dsn: str, sql: str, each: int) -> None:
    """Four, each for subjects of its own, going on where the backlog of `each` per subject ends."""
    mine = [subjects(SUBJECTS)[number::WRITERS] for number in range(WRITERS)]
    await asyncio.gather(*(_writer(dsn, sql, Sayings(some, start=each)) for some in mine))


async def _writer(dsn: str, sql: str, sayings: Sayings) -> None:
    connection = await asyncpg.connect(_plain(dsn))
    insert = await connection.prepare(sql)
    async for _ in at_pace(PACE):
        await insert.fetch(*sayings.next())


async def ours(dsn: str, kafka: str, prefix: str) -> None:
    """The service's own relay, until ended."""
    await Relay(dsn, partial(make_producer, kafka, "referral"), prefix=prefix).run()


async def raw(kafka: str, topic: str, count: int) -> None:
    """Keyed `send`, as a careful user of the client would: idempotent, acknowledged by all, many under way."""
    rows = list(Sayings(subjects(SUBJECTS)).some(count))
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=5, max_batch_size=131_072
    )
    async with producer:
        for start in range(0, count, 5000):
            sent = [await producer.send(topic, value, key=key.encode()) for key, value in rows[start : start + 5000]]
            await asyncio.gather(*sent)


async def fill(owner_url: str, table: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
    """A backlog, and the planner told of it."""
    connection = await asyncpg.connect(_plain(owner_url))
    await connection.copy_records_to_table(table, columns=list(columns), records=rows)
    await connection.execute(f"ANALYZE {table}")
    await connection.close()


async def measure(bench: Bench) -> list[Figure]:
    each = bench.some(200, least=20)
    count, kafka = each * SUBJECTS, bench.engines.kafka

    async def ours_turn() -> Measures:
        async with bench.store("referral") as store, bench.topics(REFERRAL_EVENTS) as prefix:
            rows = ((REFERRAL_EVENTS.name, *row) for row in Sayings(subjects(SUBJECTS)).some(count))
            await fill(store.owner_url, "outbox", ("stream", "key", "payload"), rows)
            async with bench.beside(writers, dsn=store.app_url, sql=OURS, each=each):
                async with bench.beside(ours, dsn=store.app_url, kafka=kafka, prefix=prefix):
                    rate = await arrived(kafka, prefix, count)
            return {"rate": rate} | await bench.alone(
                check, kafka=kafka, topic=REFERRAL_EVENTS.topic(prefix), each=each
            )

    async def peer_turn(workers: int, some: int) -> Measures:
        async with bench.store("referral") as store, bench.topics(REFERRAL_EVENTS) as prefix:
            await outbox_relay.make_table(store.owner_url)
            topic = REFERRAL_EVENTS.topic(prefix)
            said = Sayings(subjects(SUBJECTS)).some(count)
            rows = ((outbox_relay.QUEUE, value, json.dumps(outbox_relay.headers_of(key))) for key, value in said)
            await fill(store.owner_url, "peer_outbox", ("queue", "payload", "headers"), rows)
            async with bench.beside(writers, dsn=store.app_url, sql=PEERS, each=each):
                relaying = {"dsn": store.app_url, "kafka": kafka, "topic": topic, "workers": workers}
                async with bench.beside(outbox_relay.relaying, **relaying):
                    rate = await arrived(kafka, prefix, some)
            return {"rate": rate}

    async def raw_turn() -> Measures:
        async with bench.topics(REFERRAL_EVENTS) as prefix:
            async with bench.beside(raw, kafka=kafka, topic=REFERRAL_EVENTS.topic(prefix), count=count):
                return {"rate": await arrived(kafka, prefix, count)}

    runs = await bench.interleaved(
        "P1",
        {
            "ours": ours_turn,
            "outbox-1": partial(peer_turn, 1, bench.some(4000, least=500)),
            "outbox-16": partial(peer_turn, 16, bench.some(10_000, least=1000)),
            "raw": raw_turn,
        },
    )
    return [
        runs.ratio(
            "P1", "drain, events/s, over faststream-outbox, 1 worker", of="ours.rate", to="outbox-1.rate", at_least=80
        ),
        runs.ratio("P1", "… over faststream-outbox, 16 workers", of="ours.rate", to="outbox-16.rate", at_least=35),
        runs.ratio("P1", "… over raw keyed send", of="ours.rate", to="raw.rate", at_least=0.8),
        runs.never("P1", "lost", of="ours.lost"),
        runs.never("P1", "out of order within a key", of="ours.reordered"),
    ]
