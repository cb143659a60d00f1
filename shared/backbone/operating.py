"""What an operator sees of a service's backbone, and does with it."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial

from shared.backbone import parking, rebuilding, replaying, republishing, status
from shared.backbone.consumers import Consumers
from shared.backbone.consuming import StreamConsumer
from shared.backbone.failures import is_transient
from shared.backbone.loop import Loop
from shared.backbone.parking import ParkedEvent
from shared.backbone.producer import make_producer
from shared.backbone.rebuilding import NoProjection, NotHeard, Rebuild, Where
from shared.backbone.relay import Relay
from shared.backbone.replaying import Choice, Outcome
from shared.backbone.republishing import RepublishJob, RepublishPlan, Window
from shared.backbone.retrying import Retries
from shared.backbone.status import BackboneStatus
from shared.backbone.subscription import BrokerAway, Subscription
from shared.backbone.timers import Timers
from shared.backbone.watching import Watchdog
from shared.runtime.actor import Actor, system
from shared.runtime.logs import logger
from shared.runtime.settings import Settings
from shared.runtime.store import Store, Tx

log = logger(__name__)

TRIES = 5


class Operated:
    """The parts of a backbone, and what an operator sees of them and does with them; nothing here makes them run."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        consumers: Consumers,
        timers: Timers,
        leave: Callable[[], None],
    ) -> None:
        """Nothing connects; a backbone's own `__init__` says what each of these is."""
        self._projections = consumers.projections
        self._settings, self._store = settings, store
        self._streams = [
            StreamConsumer(store, consumers, stream, next(iter(settings.retry_seconds), None), settings.inbox_days)
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
        self._retry = Retries(store, consumers, settings.retry_seconds)
        self._retries = Loop("retries", self._retry.retry_due)
        self._timers = Loop("timers", partial(timers.fire_due, store))
        self._subscriptions: list[Subscription] = []
        self._watch = Watchdog(store, lambda: self._subscriptions, settings.stuck_s, leave)
        self._watching = Loop("watch", self._watch.turn)

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
        """Whether all that was said is sent, all that was sent is heard in its turn, and nothing is being tried again.

        What is parked, and what waits behind it, is not waited for.
        """
        now = await self.status()
        heard = [stream.lag == 0 and not stream.lost_ground for stream in now.streams]
        waits = now.outbox_depth or now.retrying or now.early
        return len(heard) == len(self._streams) and all(heard) and not waits

    async def parked(self) -> list[ParkedEvent]:
        """What is put aside, what needs an operator first, without its content."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await parking.parked_events(tx)

    async def parked_event(self, id_: int) -> tuple[ParkedEvent, bytes | None]:
        """One put aside, and its content, which is not to be shown as it is. Raises `NotParked`."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await parking.parked_event(tx, id_)

    async def redrive(self, id_: int, actor: Actor) -> bool:
        """Try an event again now; what waits behind it follows in order. Raises `NotParked`.

        False when it waits itself behind an earlier one of its key, and follows that.
        """
        async with self._store.transaction(actor) as tx:
            first = await parking.redrive(tx, id_)
        log.info("redriven", id=id_, by=actor.subject)
        self._retries.wake()
        return first

    async def discard(self, id_: int, reason: str, actor: Actor) -> None:
        """Never act on an event, and say why; what waits behind it follows in order. Raises `NotParked`."""
        async with self._store.transaction(actor) as tx:
            await parking.discard(tx, id_, reason)
        log.info("discarded", id=id_, by=actor.subject)
        self._retries.wake()

    async def replay(
        self,
        *,
        actor: Actor,
        ids: Collection[int] | None = None,
        stream: str | None = None,
        key: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        dry_run: bool = False,
    ) -> list[Outcome]:
        """Try what is put aside again now, all of it or what is chosen, and what waits behind it; what came of each.

        With `dry_run` each is really tried, and then all is as it was. What came early stays so: its turn may yet come.
        """
        choice = Choice(ids, stream, key, since, until)
        outcomes = await replaying.replay(self._store, self._retry, choice, dry_run=dry_run)
        log.info("replayed", events=len(outcomes), dry_run=dry_run, by=actor.subject)
        return outcomes

    async def restart(self, stream: str, where: Where, actor: Actor) -> None:
        """Read a stream on from the beginning or the end of what the broker has; what was heard is not acted on again.

        But for a compacted stream from its beginning: all that it holds is. Raises `NotHeard`, or `BrokerAway`.
        """
        one = self._heard(stream)
        ranges = await one.log_ranges()
        replaced = ranges if one.replaced else ()  # whoever lost a disk lost all of it, other processes' part too

        async def restart(tx: Tx) -> None:
            await rebuilding.restart(tx, one.consumer.stream, where, ranges, replaced)

        await self._persist(actor, restart)
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
        ranges = {one.name: await one.log_ranges() for one in heard}

        async def rebuild(tx: Tx) -> None:
            await rebuilding.rebuild(tx, projection, ranges, partial=partial)

        async with AsyncExitStack() as nobody_at_work:
            for one in heard:
                await nobody_at_work.enter_async_context(one.consumer.at_work)
            await self._persist(actor, rebuild)
        log.info("rebuild", projection=name, by=actor.subject)
        self._watching.wake()

    async def _persist(self, actor: Actor, work: Callable[[Tx], Awaitable[None]]) -> None:
        """Another process in mid-batch may hold rows that this needs, and wait for the position: one tries again."""
        for left in reversed(range(TRIES)):
            try:
                async with self._store.transaction(actor) as tx:
                    await work(tx)
                return
            except Exception as error:
                if not left or not is_transient(error):
                    raise

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
        """The last hundred windows that were to be sent again, oldest first."""
        async with self._store.transaction(system(self._store.service)) as tx:
            return await republishing.jobs(tx)
