"""A service's backbone: starts what carries, hears and reminds, keeps it going, and stops it in order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

from faststream.kafka import KafkaBroker

from shared.backbone import parking, rebuilding, republishing, status
from shared.backbone.broker import make_broker, subscribe
from shared.backbone.consumers import Consumers
from shared.backbone.consuming import StreamConsumer
from shared.backbone.loop import Loop, wait_until
from shared.backbone.outbox import oldest_unsent
from shared.backbone.parking import ParkedEvent
from shared.backbone.producer import make_producer
from shared.backbone.rebuilding import NoProjection, NotHeard, Rebuild, Where
from shared.backbone.relay import Relay
from shared.backbone.republishing import RepublishJob, RepublishPlan, Window
from shared.backbone.retrying import Retries
from shared.backbone.status import BackboneStatus
from shared.backbone.subscription import BrokerAway, Subscription
from shared.backbone.timers import Timers
from shared.backbone.watching import Watch, leave
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

    def __init__(
        self,
        settings: Settings,
        store: Store,
        consumers: Consumers,
        timers: Timers,
        *,
        leave: Callable[[], None] = leave,
    ) -> None:
        """The store's address must reach the database past any pooler: the relay holds a lock in its own session.

        `leave` ends the process, for its supervisor to start it again, when what it reads does not move.
        """
        self._projections = consumers.projections
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
        self._watch = Watch(store, lambda: self._subscriptions, settings.stuck_s, leave)
        self._watching = Loop("watch", self._watch.turn)
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
        watching = asyncio.create_task(self._watching.run())
        if timers and not self._timers_held:
            self.start_timers()
        try:
            yield
        finally:
            self._stopping.set()
            self._timers.stop()
            self._retries.stop()
            self._pressure.stop()
            self._watching.stop()
            await _ended(hearing, retries, pressure, watching, *filter(None, [self._timer_task]))
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
        counted, rebuilds = await status.counted(self._store), await self.rebuilds()
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
            rebuilds=rebuilds,
            stuck_limit_s=self._settings.stuck_s,
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

    async def restart(self, stream: str, where: Where, actor: Actor) -> None:
        """Read a stream on from the beginning or the end of what the broker has; what was heard is not acted on again.

        Raises `NotHeard`, or `BrokerAway`.
        """
        one = self._heard(stream)
        ground = await one.ground()
        async with self._store.transaction(actor) as tx:
            await rebuilding.restart(tx, one.consumer.stream, where, ground)
        log.info("restarted", stream=stream, where=where, by=actor.subject)
        self._watching.wake()

    async def rebuild(self, name: str, actor: Actor, *, partial: bool = False) -> None:
        """Clear a projection and hear its streams from the beginning, beside everything else; `rebuilds` says how far.

        Raises `NoProjection`, `NotWhole` unless `partial`, or `BrokerAway`.
        """
        if name not in self._projections:
            raise NoProjection(name)
        projection = self._projections[name]
        heard = [self._heard(stream.name) for stream in projection.streams]
        ground = {one.name: await one.ground() for one in heard}
        async with AsyncExitStack() as nobody_at_work:
            for one in heard:
                await nobody_at_work.enter_async_context(one.consumer.at_work)
            async with self._store.transaction(actor) as tx:
                await rebuilding.rebuild(tx, projection, ground, partial=partial)
        log.info("rebuild", projection=name, by=actor.subject)
        self._watching.wake()

    def _heard(self, stream: str) -> Subscription:
        found = [one for one in self._subscriptions if one.name == stream]
        if stream not in [consumer.stream.name for consumer in self._streams]:
            raise NotHeard(stream)
        if not found:
            raise BrokerAway(stream)
        return found[0]

    async def rebuilds(self) -> list[Rebuild]:
        """How far each projection has come since it was last rebuilt."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await rebuilding.progress(tx, list(self._projections.values()))

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
