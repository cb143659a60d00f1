"""One process of a service that hears of places, which dies or lingers at a moment it is told, or is wedged."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import IntEnum
from types import FrameType
from typing import Any

from shared.backbone.consumers import Consumers
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged, PlaceEnded
from shared.events.streams import PLACE_EVENTS
from shared.runtime.actor import Actor, system
from shared.runtime.settings import Settings
from shared.runtime.store import Store, Tx
from tests.faults.process import Line

# One row an event heard, in the order in which it took effect; and where each key stands, which hangs on that order.
EFFECT = """
WITH heard AS (INSERT INTO effect (key, event_id, sequence) VALUES (:key, :id, :sequence))
INSERT INTO standing AS s (key, heard, digest) VALUES (:key, 1, sha256(uuid_send(:id)))
ON CONFLICT (key) DO UPDATE SET heard = s.heard + 1, digest = sha256(s.digest || uuid_send(:id))
"""


class Moment(IntEnum):
    """Where a member can be told to die or to linger."""

    NEVER = 0
    HANDLING = 1
    BEFORE_TRANSACTION = 2
    BEFORE_COMMIT = 3
    AFTER_COMMIT = 4


class Orders(ctypes.Structure):
    """Memory that a member shares with us, so that it can obey in the very moment, and tell until its last.

    `handled` counts handlers begun. Once there are `at` of them, it dies at the next such `moment`, or lingers there
    for `linger_ms`. While `failing`, the first event of each key that begins with "bad" fails.
    """

    _fields_ = [(name, ctypes.c_long) for name in ("handled", "moment", "at", "linger_ms", "failing")]


class Mortal(Store):
    """A store whose transactions can be the last thing its process does."""

    orders: Orders

    @asynccontextmanager
    async def transaction(self, actor: Actor, **more: Any) -> AsyncIterator[Tx]:
        """As any store's, but for what it is told to do around a batch."""
        ours = _in_a_batch()
        if ours:
            await meet(self.orders, Moment.BEFORE_TRANSACTION)
        async with super().transaction(actor, **more) as tx:
            yield tx
            if ours:
                await meet(self.orders, Moment.BEFORE_COMMIT)
        if ours:
            await meet(self.orders, Moment.AFTER_COMMIT)


def _in_a_batch() -> bool:
    """Whether it is a batch that asks, and neither retries nor health."""
    frame: FrameType | None = sys._getframe()
    while frame and frame.f_code.co_name != "take":
        frame = frame.f_back
    return frame is not None


async def meet(orders: Orders, moment: Moment) -> None:
    """Come to a moment, which may be the last."""
    if orders.moment != moment or orders.handled < orders.at:
        return
    if not orders.linger_ms:
        os.kill(os.getpid(), signal.SIGKILL)
    orders.moment = Moment.NEVER
    await asyncio.sleep(orders.linger_ms / 1000)


async def member(line: Line, settings: Settings, *, orders: Orders, together: bool = False) -> None:
    """Hear until told to end; acknowledgements as a set, when `together`.

    `status` is answered with the troubles there are; `restart` has the stream read from its beginning. Other words are
    ways to wedge the reader; a wedged member says its `troubles` last of all.
    """
    store = Mortal(settings.database_url.get_secret_value(), settings.service, pool=settings.database_pool)
    store.orders = orders
    backbone = Backbone(settings, store, table(settings.service, orders, together=together), Timers())
    try:
        async with backbone.running():
            line.tell("up")
            wedged = False
            while (word := await line.word()) != "end":
                if word == "status":
                    line.tell(word, (await backbone.status()).troubles)
                elif word == "restart":
                    await backbone.restart(PLACE_EVENTS.name, "beginning", system(settings.service))
                    line.tell(word)
                else:
                    WEDGES[word](backbone)
                    line.tell(word)
                    wedged = True
            if wedged:
                line.tell("troubles", (await backbone.status()).troubles)
    finally:
        await store.close()


def table(service: str, orders: Orders, *, together: bool) -> Consumers:
    """Every type of the stream but one, since no service hears all."""
    consumers = Consumers(service)

    async def project(tx: Tx, event: Event[Any]) -> None:
        orders.handled += 1
        await meet(orders, Moment.HANDLING)
        await tx.run(EFFECT, key=event.key, id=event.id, sequence=event.sequence)
        if orders.failing and event.key.startswith("bad") and event.sequence == 1:
            raise RuntimeError

    async def project_all(tx: Tx, events: Sequence[Event[Any]]) -> None:
        for event in events:
            await project(tx, event)

    for fact in PLACE_EVENTS.facts:
        if fact is PlaceAcknowledged and together:
            consumers.on_many(PLACE_EVENTS, fact)(project_all)
        elif fact is not PlaceEnded:
            consumers.on(fact)(project)
    return consumers


def _kill_fetcher(backbone: Backbone) -> None:
    _reader(backbone)._fetcher._fetch_task.cancel()


def _pause(backbone: Backbone) -> None:
    reader = _reader(backbone)
    reader.pause(*reader.assignment())


def _deadlock(backbone: Backbone) -> None:
    (subscription,) = backbone._subscriptions
    asyncio.get_running_loop().create_task(subscription.consumer.at_work.acquire())


def _kill_coordinator(backbone: Backbone) -> None:
    """As aiokafka's issue 1154 has it: revoked for a rebalance that never comes to its end."""
    reader, (subscription,) = _reader(backbone), backbone._subscriptions
    asyncio.get_running_loop().create_task(subscription.on_partitions_revoked(reader.assignment()))
    reader._coordinator._coordination_task.cancel()
    reader._subscription.begin_reassignment()
    reader._subscription.subscription.assignment._unassign()


def _reader(backbone: Backbone) -> Any:
    """Kafka's consumer of the one stream; what is broken in it are others' insides, for these tests alone."""
    (subscription,) = backbone._subscriptions
    return subscription.reader()


WEDGES = {"fetcher": _kill_fetcher, "pause": _pause, "lock": _deadlock, "coordinator": _kill_coordinator}
