"""P6: the whole way over four processes: a referral is posted, its message is queued, it stands in the report.

First at random moments, 20 a second, for what one of them takes; then all at once by 32 clients, for how many a second
the network carries through, which is never more than are posted; then as many once more while both stores that hear
take nothing in, for how many a second are drained once they do. Done is what stands in both stores. Our sender of
messages is kept waiting: the peers have none. The raw hops are one process that commits, sends, reads and commits
again: no HTTP, no checks, one reader.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.embedded.issuing import Issuer, Person
from deploy.embedded.keyring import jwks_path, keyring
from deploy.embedded.process import answers, free_port
from shared.events.streams import REFERRAL_EVENTS, STREAMS
from shared.runtime.actor import Role
from shared.runtime.clock import now
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.benchmarks import posting
from tests.benchmarks.figures import Figure, Measures, percentile
from tests.benchmarks.harness import Bench, Child, Side
from tests.benchmarks.p1_relay import OURS
from tests.benchmarks.pacing import poisson
from tests.benchmarks.peers import network
from tests.benchmarks.rows import Sayings, reading, subjects
from tests.engines import Addresses
from tests.services.referral.network import ELM, load_network

SERVICES = ("referral", "directory", "notifications", "reporting")
PEERS: Mapping[str, Child] = {
    "directory": network.directory,
    "notifications": network.notifications,
    "reporting": network.reporting,
}
A_SECOND, SECONDS, WARM_S = 20.0, 10.0, 2.0
BURST = 1000
PATIENCE_S = 180.0
ISSUER = "https://identity.kith.example"
_SENDERS_TURN = "SELECT pg_advisory_lock(hashtext('kith-notifications-sender'))"


@dataclass
class Running:
    """A network at work: where to post, and where to see what arrived (statements of event, moment and subject).

    `inbox` is the table without which neither store takes anything in.
    """

    bench: Bench
    port: int
    token: str
    queue: asyncpg.Connection
    queued: str
    report: asyncpg.Connection
    reported: str
    inbox: str

    async def measured(self) -> Measures:
        """What one takes, and how many there are a second."""
        place = {"port": self.port, "token": self.token}
        quiet = {**place, "a_second": A_SECOND}
        await self._took(await self.bench.alone(posting.now_and_then, **quiet, seconds=WARM_S, seed=1))
        seconds = max(2.0, SECONDS * self.bench.scale)
        took = await self._took(await self.bench.alone(posting.now_and_then, **quiet, seconds=seconds, seed=2))
        ms = [(done - sent) * 1000 for sent, done in took]
        count = self.bench.some(BURST, least=100)
        took = await self._took(await self.bench.alone(posting.burst, **place, count=count, seed=3))
        rate = count / (max(done for _, done in took) - min(sent for sent, _ in took))
        drained = count / await self._drained(place, count)
        return {"rate": rate, "drained": drained, "p50": percentile(ms, 0.5), "p99": percentile(ms, 0.99)}

    @asynccontextmanager
    async def _nothing_taken_in(self) -> AsyncIterator[None]:
        async with self.queue.transaction(), self.report.transaction():
            for store in (self.queue, self.report):
                await store.execute(f"LOCK TABLE {self.inbox} IN EXCLUSIVE MODE")
            yield

    async def _drained(self, place: Mapping[str, Any], count: int) -> float:
        """Seconds until all of a burst is there, from the moment when it is let in; it was all on its way before."""
        async with self._nothing_taken_in():
            sent = await self.bench.alone(posting.burst, **place, count=count, seed=4)
            began = time.monotonic()
        await self._took(sent, look_s=0.05)
        return time.monotonic() - began

    async def _took(self, sent: Mapping[str, float], look_s: float = 0.25) -> list[tuple[float, float]]:
        """When each was sent, and when it was both queued and reported; waits until all are."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                queued = {str(row["subject"]): row for row in await self.queue.fetch(self.queued)}
                reported = {row["event_id"]: row["at"] for row in await self.report.fetch(self.reported)}
                mine = [queued[id_] for id_ in sent if id_ in queued]
                if len(mine) == len(sent) and all(row["event_id"] in reported for row in mine):
                    break
                await asyncio.sleep(look_s)
        ends = {str(row["subject"]): max(row["at"], reported[row["event_id"]]) for row in mine}
        return [(began, ends[id_]) for id_, began in sent.items()]


async def serve(service: str, port: int, dsn: str, kafka: str, prefix: str, keys: str) -> None:
    """One of our services, as it runs in a container of its own."""
    ring = keyring(Path(keys))
    told = {
        "service": service,
        "database_url": dsn,
        "kafka": kafka,
        "stream_prefix": prefix,
        "issuer": ISSUER,
        "jwks": str(jwks_path(Path(keys))),
        "cookie_key": ring.cookie_key,
        "person_key": ring.person_key,
        "contact_public_key": ring.contact_public,
        "contact_private_key": ring.contact_private if service == "notifications" else "",
    }
    app = import_module(f"services.{service}.app").create(Settings.model_validate(told))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, loop="none", access_log=False, log_config=None)
    await uvicorn.Server(config).serve()


async def raw(dsn: str, other: str, kafka: str, topic: str, seconds: float) -> Measures:
    """Commit, send and wait, read, commit: what the hops take when nothing is made of them."""
    plain = [url.replace("+asyncpg", "", 1) for url in (dsn, other)]
    store, second = [await asyncpg.create_pool(url, min_size=8, max_size=8) for url in plain]
    rng, sayings, began = Random(2), Sayings(subjects(1000)), time.monotonic()
    sent, took = dict[bytes, float](), list[float]()

    async def hear(consumer: AIOKafkaConsumer) -> None:
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    await second.execute(OURS, record.key.decode(), record.value)
                    took.append((time.monotonic() - sent[record.value]) * 1000)

    async def say(producer: AIOKafkaProducer) -> None:
        key, value = sayings.next()
        sent[value] = time.monotonic()
        await store.execute(OURS, key, value)
        await producer.send_and_wait(topic, value, key=key.encode())

    producing = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    async with reading(kafka, topic) as consumer, producing as producer:
        hearing = asyncio.create_task(hear(consumer))
        async with asyncio.TaskGroup() as said:
            for moment in poisson(A_SECOND, seconds, rng):
                await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
                said.create_task(say(producer))
        async with asyncio.timeout(30):
            while len(took) < len(sent):  # noqa: ASYNC110 - the last one is heard like any other
                await asyncio.sleep(0.05)
        hearing.cancel()
    await asyncio.gather(store.close(), second.close())
    return {"p50": percentile(took, 0.5), "p99": percentile(took, 0.99)}


async def _look(ends: AsyncExitStack, url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1))
    ends.push_async_callback(connection.close)
    return connection


async def _stores(bench: Bench, ends: AsyncExitStack) -> dict[str, Addresses]:
    return {service: await ends.enter_async_context(bench.store(service)) for service in SERVICES}


@asynccontextmanager
async def ours(bench: Bench) -> AsyncIterator[Running]:
    """The four services, each in a process of its own."""
    async with AsyncExitStack() as ends:
        stores, prefix = await _stores(bench, ends), await ends.enter_async_context(bench.topics(*STREAMS))
        store = Store(stores["referral"].app_url, "referral")
        await load_network(store)
        await store.close()
        keys, ports = bench.folder / "keys", {service: free_port() for service in SERVICES}
        ring = keyring(keys)
        queue = await _look(ends, stores["notifications"].app_url)
        await queue.execute(_SENDERS_TURN)
        for service in SERVICES:
            place = {"dsn": stores[service].app_url, "kafka": bench.engines.kafka, "prefix": prefix, "keys": str(keys)}
            await ends.enter_async_context(bench.beside(serve, service=service, port=ports[service], **place))
        await _open(*ports.values())
        rita = Person("rita", "Rita", (Role.REFERRER,), (ELM,))
        token = Issuer(ISSUER, "kith", ring.signing_key(), []).access(rita, now(), timedelta(hours=1))
        queued = """SELECT referral_id AS subject, event_id, extract(epoch FROM max(recorded_at))::float8 AS at
            FROM message GROUP BY referral_id, event_id"""
        reported = "SELECT event_id, extract(epoch FROM seen_at)::float8 AS at FROM inbox"
        report = await _look(ends, stores["reporting"].app_url)
        yield Running(bench, ports["referral"], token, queue, queued, report, reported, "inbox")


@asynccontextmanager
async def peers(bench: Bench) -> AsyncIterator[Running]:
    """The peers' four, likewise."""
    async with AsyncExitStack() as ends:
        stores, prefix = await _stores(bench, ends), await ends.enter_async_context(bench.topics(*STREAMS))
        kafka, port = bench.engines.kafka, free_port()
        for store in stores.values():
            await network.make_network_tables(store.owner_url)
        for service, function in PEERS.items():
            place = {"dsn": stores[service].app_url, "kafka": kafka, "prefix": prefix}
            await ends.enter_async_context(bench.beside(function, **place))
        place = {"dsn": stores["referral"].app_url, "kafka": kafka, "prefix": prefix}
        await ends.enter_async_context(bench.beside(network.referral, port=port, **place))
        await _open(port)
        queued = """SELECT referral_id AS subject, event_id, extract(epoch FROM queued_at)::float8 AS at
            FROM peer_message"""
        reported = "SELECT event_id, extract(epoch FROM seen_at)::float8 AS at FROM peer_inbox"
        queue, report = [await _look(ends, stores[name].app_url) for name in ("notifications", "reporting")]
        yield Running(bench, port, "", queue, queued, report, reported, "peer_inbox")


async def _open(*ports: int) -> None:
    async with asyncio.timeout(60):
        while not all(map(answers, ports)):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.1)


async def measure(bench: Bench) -> list[Figure]:
    async def turn(network: Callable[[Bench], AbstractAsyncContextManager[Running]]) -> Measures:
        async with network(bench) as running:
            return await running.measured()

    async def raw_turn() -> Measures:
        async with bench.store("referral") as one, bench.store("referral") as two:
            async with bench.topics(REFERRAL_EVENTS) as prefix:
                place = {"dsn": one.app_url, "other": two.app_url, "kafka": bench.engines.kafka}
                seconds = max(2.0, SECONDS * bench.scale)
                return await bench.alone(raw, **place, topic=REFERRAL_EVENTS.topic(prefix), seconds=seconds)

    sides: dict[str, Side] = {"ours": partial(turn, ours), "peers": partial(turn, peers), "raw": raw_turn}
    runs = await bench.interleaved("P6", sides, max(1, round(bench.pairs * 0.4)))
    says = "posted → queued and reported"
    return [
        runs.ratio("P6", f"{says}, a second, over the peers", of="ours.rate", to="peers.rate", at_least=10),
        runs.ratio("P6", "… drained, once taken in again", of="ours.drained", to="peers.drained", at_least=10),
        runs.ratio("P6", f"{says}, ms: p99, over the raw hops", of="ours.p99", to="raw.p99", at_most=3),
        runs.ratio("P6", f"{says}, ms: p99, over the peers", of="ours.p99", to="peers.p99"),
        runs.ratio("P6", f"{says}, ms: p50, over the peers", of="ours.p50", to="peers.p50"),
    ]
