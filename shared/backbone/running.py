"""A service's backbone: starts what carries, hears and reminds, keeps it going, and stops it in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from faststream.kafka import KafkaBroker

from shared.backbone import parking, republishing, status
from shared.backbone.broker import Subscription, make_broker, subscribe
from shared.backbone.consumers import Consumers
from shared.backbone.consuming import StreamConsumer
from shared.backbone.loop import Loop, wait_until
from shared.backbone.outbox import oldest_unsent
from shared.backbone.parking import ParkedEvent
from shared.backbone.producer import make_producer
from shared.backbone.relay import Relay
from shared.backbone.republishing import RepublishJob, RepublishPlan, Window
from shared.backbone.retrying import Retries
from shared.backbone.status import BackboneStatus
from shared.backbone.timers import Timers
from shared.runtime.actor import Actor, system
from shared.runtime.logs import logger
from shared.runtime.settings import Settings
from shared.runtime.store import Store

log = logger(__name__)

STOP_S = 9.0
AGAIN_S = 1.0
PRESSURE_S = 1.0


class Backbone:
    """Nothing runs or connects before `running`."""

    def __init__(self, settings: Settings, store: Store, consumers: Consumers, timers: Timers) -> None:
        """The store's address must reach the database past any pooler: the relay holds a lock in its own session."""
        self._settings, self._store = settings, store
        self._streams = [
            StreamConsumer(store, consumers, stream, next(iter(settings.retry_seconds), None))
            for stream in consumers.streams.values()
        ]
        producer = partial(make_producer, settings.kafka, store.service)
        self._relay = Relay(
            store.url,
            producer,
            prefix=settings.stream_prefix,
            sent_days=settings.sent_days,
            inbox_days=settings.inbox_days,
            idle_s=settings.relay_idle_s,
        )
        self._pressure = Loop("pressure", self._weigh)
        retries = Retries(store, consumers, settings.retry_seconds, self._relieve)
        self._retries = Loop("retries", retries.retry_due)
        self._timers = Loop("timers", partial(timers.fire_due, store))
        self._timer_task: asyncio.Task[None] | None = None
        self._timers_held = False
        self._subscriptions: list[Subscription] = []
        self._watch = status.Watch()
        self._stopping = asyncio.Event()
        store.on_commit(self._relay.wake)
        store.on_commit(self._timers.wake)

    @asynccontextmanager
    async def running(self, *, timers: bool = True) -> AsyncIterator[None]:
        """Run until the block ends; once. Kafka may be away, at the start and later: it is tried again."""
        relay = asyncio.create_task(self._relay.run())
        hearing = asyncio.create_task(self._hear())
        retries = asyncio.create_task(self._retries.run())
        pressure = asyncio.create_task(self._pressure.run())
        if timers and not self._timers_held:
            self.start_timers()
        try:
            yield
        finally:
            self._stopping.set()
            self._timers.stop()
            self._retries.stop()
            self._pressure.stop()
            await _ended(hearing, retries, pressure, *filter(None, [self._timer_task]))
            self._relay.stop()  # last, so that what the others recorded may still go
            await _ended(relay)

    def hold_timers(self) -> None:
        """Whoever runs this, let no timer fire before `start_timers`: a past is being told that is not yet answered."""
        self._timers_held = True

    def start_timers(self) -> None:
        """Let timers fire from now on, when `running` was told not to, or they were held; once."""
        if self._timer_task is None:
            self._timer_task = asyncio.create_task(self._timers.run())

    async def _weigh(self) -> float:
        """Keep the store's word on whether more may be said, so that no writer has to ask."""
        self._store.backlogged = await oldest_unsent(self._store) > self._settings.outbox_limit_s
        return PRESSURE_S

    async def _hear(self) -> None:
        """Bring the subscriptions up, however often it takes, and down again at the end."""
        broker = await self._connected()
        if broker is not None:
            await self._stopping.wait()
            await _stopped(broker)

    async def _connected(self) -> KafkaBroker | None:
        while not self._stopping.is_set():
            broker = make_broker(self._settings.kafka, self._store.service)
            self._subscriptions = [self._subscribe(broker, consumer) for consumer in self._streams]
            try:
                await broker.start()
                return broker
            except Exception as error:  # noqa: BLE001 - Kafka is away or has no topics yet: begin anew
                log.warning("broker-away", error=type(error).__name__)
                await _stopped(broker)
            except asyncio.CancelledError:
                await _stopped(broker)
                raise
            await wait_until(self._stopping, AGAIN_S)
        return None

    def _subscribe(self, broker: KafkaBroker, consumer: StreamConsumer) -> Subscription:
        told = self._settings
        return subscribe(
            broker,
            self._store.service,
            consumer,
            prefix=told.stream_prefix,
            static=told.static_members,
            max_poll_s=told.max_poll_s,
        )

    def _relieve(self, stream: str) -> None:
        """Something put aside was dealt with: a stopped stream may go on."""
        for consumer in self._streams:
            if consumer.stream.name == stream:
                consumer.failed_in_a_row = 0

    async def status(self) -> BackboneStatus:
        """How it stands; asks the store and the broker, a few seconds at most."""
        counted = await status.counted(self._store)
        return BackboneStatus(
            relay_active=self._relay.active,
            relay_turned_s=self._relay.turned_s,
            sent=self._relay.sent,
            outbox_depth=int(counted["depth"]),
            outbox_age_s=counted["age"],
            streams=await status.streams(self._store, self._subscriptions, self._watch),
            retrying=int(counted["retrying"]),
            waiting=int(counted["waiting"]),
            parked=int(counted["parked"]),
            early=int(counted["early"]),
            timers_due=int(counted["due"]),
        )

    async def settled(self) -> bool:
        """Whether all that was said is sent, all that was sent is heard, and nothing is being tried again.

        What is parked, and what waits behind it, is not waited for.
        """
        now = await self.status()
        heard = len(now.streams) == len(self._streams) and all(stream.lag == 0 for stream in now.streams)
        return heard and not now.outbox_depth and not now.retrying

    async def parked(self) -> list[ParkedEvent]:
        """What is put aside, what needs an operator first, without its content."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await parking.parked_events(tx)

    async def parked_event(self, id_: int) -> tuple[ParkedEvent, bytes | None]:
        """One put aside, and its content, which is not to be shown as it is. Raises `NotParked`."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await parking.parked_event(tx, id_)

    async def redrive(self, id_: int, actor: Actor) -> None:
        """Try an event again now; what waits behind it follows in order. Raises `NotParked`."""
        async with self._store.transaction(actor) as tx:
            await parking.redrive(tx, id_)
        log.info("redriven", id=id_, by=actor.subject)
        self._retries.wake()

    async def discard(self, id_: int, reason: str, actor: Actor) -> None:
        """Never act on an event, and say why; what waits behind it follows in order. Raises `NotParked`."""
        async with self._store.transaction(actor) as tx:
            stream = await parking.discard(tx, id_, reason)
        log.info("discarded", id=id_, by=actor.subject)
        self._relieve(stream)
        self._retries.wake()

    async def republish(
        self,
        *,
        actor: Actor,
        since: datetime | None = None,
        until: datetime | None = None,
        stream: str | None = None,
        key: str | None = None,
    ) -> RepublishJob:
        """Have what was sent at `since` or later and before `until` sent again, in order, before anything new."""
        async with self._store.transaction(actor) as tx:
            job = await republishing.ask(tx, Window(since, until, stream, key))
        log.info("republish", id=job.id, total=job.total, by=actor.subject)
        return job

    async def republish_plan(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        stream: str | None = None,
        key: str | None = None,
    ) -> RepublishPlan:
        """How much `republish` would send, and since when what was sent is still kept; nothing is changed."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await republishing.plan(tx, Window(since, until, stream, key))

    async def republishes(self) -> list[RepublishJob]:
        """All windows that were ever to be sent again, oldest first."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await republishing.jobs(tx)


async def _stopped(broker: KafkaBroker) -> None:
    try:
        await broker.stop()
    except Exception as error:  # noqa: BLE001 - it is being put away; what it left open is said here and no more
        log.info("broker-stop", error=type(error).__name__)


async def _ended(*tasks: asyncio.Task[None]) -> None:
    """Let them end by themselves; what has not ended then is cut off, and its transaction rolled back."""
    _, late = await asyncio.wait(tasks, timeout=STOP_S)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
