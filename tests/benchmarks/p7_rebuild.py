"""P7: reporting's funnel built anew from a million events, killed half-way and going on by itself.

Ours is the service's own dispatch table under its own backbone, told to rebuild. The peer fills the same tables from
the same kinds of events with an ORM session a batch; it is slower, so it is given 50,000. Seven events a referral on
two streams: made, allocated, reached, met, asked for a place; place given, came. Rates are of the time at work: from
the first progress seen to the kill, and from the first afterwards to the end.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from services.reporting.consumers import FUNNEL, consumers
from shared.backbone.running import Backbone
from shared.backbone.sending import partition_of
from shared.backbone.subscription import BrokerAway
from shared.backbone.timers import Timers
from shared.events import place, referral
from shared.events.envelope import SEQUENCE_DIGITS, ContactRef, Event, Fact
from shared.events.streams import NETWORK_EVENTS, PLACE_EVENTS, REFERRAL_EVENTS, Stream
from shared.events.vocabulary import ContactMode, ContactOutcome, ReasonGroup, Route, Urgency
from shared.runtime.actor import system
from shared.runtime.ids import new_id
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.benchmarks.figures import Figure, Measures
from tests.benchmarks.harness import Bench
from tests.benchmarks.peers import hearing, projecting
from tests.benchmarks.rows import PATIENCE_S

WAVE = 1000  # referrals that are at the same stage at the same time
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
STREAMS = (REFERRAL_EVENTS, PLACE_EVENTS, NETWORK_EVENTS)
_ID, _KEY, _REQUEST, _OTHER = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
_PLACE = {"prescription_id": _REQUEST, "activity_id": _OTHER, "provider_id": "P1"}
_PERSON = ContactRef(contact_id=_OTHER, version=1)
FACTS: tuple[Fact, ...] = (
    referral.ReferralCreated(
        reference="K7F-3QD",
        route=Route.PRACTICE,
        reason_group=ReasonGroup.SOCIAL_CONNECTION,
        urgency=Urgency.ROUTINE,
        practice="A12345",
        person=_PERSON,
    ),
    referral.ReferralAllocated(reference="K7F-3QD", link_worker="lw-1", link_worker_contact=_PERSON, person=_PERSON),
    referral.ContactAttempted(attempt=1, mode=ContactMode.PHONE, outcome=ContactOutcome.REACHED),
    referral.SessionCompleted(session_id=_OTHER, number=1, held_on=date(2026, 2, 2), mode=ContactMode.PHONE),
    referral.ActivityPrescribed(
        request_reference="K7F-3QD",
        reason_group=ReasonGroup.SOCIAL_CONNECTION,
        urgency=Urgency.ROUTINE,
        answer_by=BEGAN,
        **_PLACE,
    ),
    place.PlaceAccepted(**_PLACE),
    place.AttendanceRecorded(held_on=date(2026, 3, 3), attended=True, **_PLACE),
)


class Telling:
    """One kind of event of the story, as a text to be filled in."""

    def __init__(self, stage: int) -> None:
        """`stage` counts from nought."""
        fact = FACTS[stage]
        self.stream = REFERRAL_EVENTS if fact in FACTS[:5] else PLACE_EVENTS
        subject, number = (_KEY, stage + 1) if self.stream is REFERRAL_EVENTS else (_REQUEST, stage - 4)
        model: type[Event[Fact]] = Event[type(fact)]  # type: ignore[assignment, misc]
        head = {"source": self.stream.owner, "type": fact.type_name(), "time": BEGAN, "pcn": "U00001"}
        event = model(
            id=_ID, subject=str(subject), key=str(_KEY), sequence=number, correlation="bench", data=fact, **head
        )
        text = event.wire().decode().replace(str(_ID), "%(id)s").replace(str(_KEY), "%(key)s")
        moment = BEGAN.isoformat().replace("+00:00", "Z")
        self.text = text.replace(str(_REQUEST), "%(request)s").replace(f'"time":"{moment}"', '"time":"%(time)s"')
        assert f"{number:0{SEQUENCE_DIGITS}}" in self.text
        self.later = timedelta(days=7 * stage)

    def of(self, key: UUID, made: datetime) -> bytes:
        """The event of one referral, made then."""
        moment = (made + self.later).isoformat().replace("+00:00", "Z")
        values = {"id": new_id(), "key": key, "request": UUID(int=key.int + (1 << 64)), "time": moment}
        return (self.text % values).encode()


def story(referrals: int) -> Iterator[tuple[Stream, str, bytes]]:
    """Stream, key and value of all that happened, a thousand referrals side by side."""
    stages = [Telling(stage) for stage in range(len(FACTS))]
    for start in range(0, referrals, WAVE):
        keys = [UUID(int=(1 << 96) + number) for number in range(start, min(start + WAVE, referrals))]
        made = BEGAN + timedelta(hours=start / WAVE)
        for stage in stages:
            for key in keys:
                yield stage.stream, str(key), stage.of(key, made)


async def produce(kafka: str, prefix: str, referrals: int) -> None:
    """Put it on the topics, in batches per partition as the relay does."""
    lanes: dict[tuple[str, int], list[tuple[bytes, bytes]]] = defaultdict(list)
    for stream, key, value in story(referrals):
        lanes[stream.topic(prefix), partition_of(key, stream.partitions)].append((key.encode(), value))
    async with AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", enable_idempotence=True, max_batch_size=262_144
    ) as producer:
        await asyncio.gather(*(_send(producer, *lane, rows) for lane, rows in lanes.items()))


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, rows: list[tuple[bytes, bytes]]) -> None:
    start = 0
    while start < len(rows):
        batch = producer.create_batch()
        while start < len(rows) and batch.append(key=rows[start][0], value=rows[start][1], timestamp=None):
            start += 1
        await (await producer.send_batch(batch, topic, partition=partition))


async def ours(dsn: str, kafka: str, prefix: str, rebuild: bool) -> None:
    """Reporting's backbone, until ended; told to rebuild, or going on with what it was told before."""
    store = Store(dsn, "reporting")
    settings = Settings(
        service="reporting", database_url=SecretStr(dsn), kafka=kafka, stream_prefix=prefix, static_members=True
    )
    backbone = Backbone(settings, store, consumers(), Timers())
    async with backbone.running():
        while rebuild:
            rebuild = not await _told(backbone)
        await asyncio.Event().wait()


async def _told(backbone: Backbone) -> bool:
    """Whether it could be told: at first the streams are only being opened."""
    try:
        await backbone.rebuild(FUNNEL, system("bench"))
    except BrokerAway:
        await asyncio.sleep(0.1)
        return False
    return True


class Progress:
    """How far a side is, asked of its store; and the rate while it was at work."""

    def __init__(self, watcher: asyncpg.Connection, sql: str) -> None:
        """`sql` gives the events dealt with."""
        self._watcher, self._sql = watcher, sql
        self.events, self.seconds = 0.0, 0.0

    async def until(self, count: float) -> None:
        """Wait for so many; the time counts from the first step seen."""
        found: list[tuple[float, float]] = []
        async with asyncio.timeout(PATIENCE_S):
            while not found or found[-1][1] < count:
                found.append((time.monotonic(), float(await self._watcher.fetchval(self._sql) or 0)))
                await asyncio.sleep(0.05)
        moved = next((number for number, (_, at) in enumerate(found) if at > found[0][1]), 0)
        self.events += found[-1][1] - found[moved][1]
        self.seconds += found[-1][0] - found[moved][0]


@asynccontextmanager
async def watching(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A look into a store from outside."""
    watcher = await asyncpg.connect(dsn.replace("+asyncpg", "", 1))
    try:
        yield watcher
    finally:
        await watcher.close()


POSITIONS = "SELECT sum(next_offset) FROM consumer_position"
COMPLETE = "SELECT count(*) FROM referral WHERE made_on IS NOT NULL AND session IS NOT NULL AND attended IS NOT NULL"


async def _rebuilt(bench: Bench, dsn: str, prefix: str, referrals: int) -> Measures:
    place = {"dsn": dsn, "kafka": bench.engines.kafka, "prefix": prefix}
    total = referrals * len(FACTS)
    async with watching(dsn) as watcher:
        progress = Progress(watcher, POSITIONS)
        async with bench.beside(ours, **place, rebuild=True) as child:
            await progress.until(total / 2)
            child.kill()
        async with bench.beside(ours, **place, rebuild=False):
            await progress.until(total)
        missing = referrals - await watcher.fetchval(COMPLETE)
    return {"rate": progress.events / progress.seconds, "missing": missing}


async def _peers(bench: Bench, dsn: str, prefix: str, referrals: int) -> Measures:
    topics = [REFERRAL_EVENTS.topic(prefix), PLACE_EVENTS.topic(prefix)]
    place = {"dsn": dsn, "kafka": bench.engines.kafka, "topics": topics, "group": uuid4().hex}
    async with watching(dsn) as watcher, bench.beside(projecting.projecting, **place):
        progress = Progress(watcher, "SELECT count(*) FROM peer_inbox")
        await progress.until(referrals * len(FACTS))
        missing = referrals - await watcher.fetchval(COMPLETE)
    return {"rate": progress.events / progress.seconds, "missing": missing}


async def measure(bench: Bench) -> list[Figure]:
    many, fewer = bench.some(142_858, least=5000), bench.some(7143, least=1000)
    async with bench.topics(*STREAMS) as prefix, bench.topics(*STREAMS) as short:
        kafka = bench.engines.kafka
        await bench.alone(produce, kafka=kafka, prefix=prefix, referrals=many)
        await bench.alone(produce, kafka=kafka, prefix=short, referrals=fewer)

        async def ours_turn() -> Measures:
            async with bench.store("reporting") as store:
                return await _rebuilt(bench, store.app_url, prefix, many)

        async def peer_turn() -> Measures:
            async with bench.store("reporting") as store:
                await hearing.make_tables(store.owner_url)
                return await _peers(bench, store.app_url, short, fewer)

        turns = max(1, round(bench.pairs * 0.6))
        runs = await bench.interleaved("P7", {"ours": ours_turn, "orm": peer_turn}, turns)
    return [
        runs.ratio(
            "P7", "projection rebuilt, events/s, over an ORM session a batch", of="ours.rate", to="orm.rate", at_least=8
        ),
        runs.never("P7", "rows missing after a kill half-way", of="ours.missing"),
        runs.never("P7", "rows missing, ORM (not killed)", of="orm.missing"),
    ]
