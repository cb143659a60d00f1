"""A service's backbone: starts what carries, hears and reminds, keeps it going, and stops it in order."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from faststream.kafka import KafkaBroker
from structlog.contextvars import bound_contextvars

from shared.backbone.broker import make_broker, subscribe
from shared.backbone.consumers import Consumers
from shared.backbone.consuming import StreamConsumer
from shared.backbone.loop import Loop, wait_until
from shared.backbone.operating import Operated
from shared.backbone.outbox import oldest_unsent
from shared.backbone.subscription import Subscription
from shared.backbone.timers import Timers
from shared.backbone.watching import leave
from shared.runtime.logs import logger
from shared.runtime.settings import Settings
from shared.runtime.store import Store

log = logger(__name__)

STOP_S = 7.0  # with what follows, less than ten seconds from being asked to stop
FAREWELL_S = 2.0
AGAIN_S = 1.0
PRESSURE_S = 1.0
# A batch makes thousands of objects, and then none of them is left: looked through after every 700, as Python would,
# they cost a third of all that hearing costs.
COLLECT = 50_000, 20, 50


class Backbone(Operated):
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
        super().__init__(settings, store, consumers, timers, leave)
        self._pressure = Loop("pressure", self._weigh)
        self._timer_task: asyncio.Task[None] | None = None
        self._timers_held = False
        self._stopping = asyncio.Event()
        store.on_commit(self._relay.wake)
        store.on_commit(self._timers.wake)

    @asynccontextmanager
    async def running(self, *, timers: bool = True) -> AsyncIterator[None]:
        """Run until the block ends; once. Kafka may be away, at the start and later: it is tried again."""
        gc.set_threshold(*COLLECT)
        relay = self._begun(self._relay.run())
        hearing = self._begun(self._hear())
        retries = self._begun(self._retries.run())
        pressure = self._begun(self._pressure.run())
        watching = self._begun(self._watching.run())
        if timers and not self._timers_held:
            self.start_timers()
        try:
            yield
        finally:
            self._stopping.set()
            for loop in (self._timers, self._retries, self._pressure, self._watching):
                loop.stop()
            await _ended(STOP_S, hearing, retries, pressure, watching, *filter(None, [self._timer_task]))
            self._relay.stop()  # last, so that what the others recorded may still go
            await _ended(FAREWELL_S, relay)

    def hold_timers(self) -> None:
        """Whoever runs this, let no timer fire before `start_timers`: a past is being told that is not yet answered."""
        self._timers_held = True

    def start_timers(self) -> None:
        """Let timers fire from now on, when `running` was told not to, or they were held; once."""
        if self._timer_task is None:
            self._timer_task = self._begun(self._timers.run())

    def _begun(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """What it logs names the service: several may share a process, and a log."""
        with bound_contextvars(service=self._store.service):
            return asyncio.create_task(work)

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


async def _stopped(broker: KafkaBroker) -> None:
    try:
        await broker.stop()
    except Exception as error:  # noqa: BLE001 - it is being put away; what it left open is said here and no more
        log.info("broker-stop", error=type(error).__name__)


async def _ended(seconds: float, *tasks: asyncio.Task[None]) -> None:
    """Let them end by themselves; what has not ended then is cut off, and its transaction rolled back."""
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
