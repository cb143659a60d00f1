"""Looks after what a process reads, each second: goes where the store says, and sees whether it gets on."""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.backbone import positions
from shared.backbone.subscription import BrokerAway, LogRange, Subscription
from shared.runtime.actor import system
from shared.runtime.logs import logger
from shared.runtime.store import Store

log = logger(__name__)

EVERY_S = 1.0
FORCE_S = 10.0
NOT_ENDED = 70


def leave() -> None:
    """End this process, so that its supervisor starts another: as if asked to stop, and by force if that takes long."""
    force = threading.Timer(FORCE_S, os._exit, (NOT_ENDED,))
    force.daemon = True
    force.start()
    os.kill(os.getpid(), signal.SIGTERM)


@dataclass(slots=True)
class _Rest:
    """How long a partition has stood still with something to read, and how far the batch under way had come."""

    next: int
    reached: int
    seconds: float = 0.0


class Watchdog:
    """Of one process: what it reads, and for how long each stream has stood still with something to read."""

    def __init__(
        self,
        store: Store,
        subscriptions: Callable[[], Sequence[Subscription]],
        stuck_s: float,
        leave: Callable[[], None],
    ) -> None:
        """`leave` is called, once, when a stream has stood still for `stuck_s` seconds for no reason."""
        self._store, self._subscriptions, self._stuck_s, self._leave = store, subscriptions, stuck_s, leave
        self._rests: dict[tuple[str, int], _Rest] = {}
        self._left, self._looked, self._passed = False, time.monotonic(), 0.0

    def stuck_s(self, stream: str) -> float:
        """For how long a partition of the stream has stood still with something to read."""
        return max((rest.seconds for (name, _), rest in self._rests.items() if name == stream), default=0.0)

    async def turn(self) -> float:
        """Look at every stream; the seconds until the next look. While the store is away nobody stands still."""
        try:
            async with self._store.transaction(system(self._store.service)) as tx:
                stored = {one.name: await positions.stored(tx, one.name) for one in self._subscriptions()}
                for one in self._subscriptions():
                    await one.consumer.look_again(tx)
        except Exception:
            self._rests.clear()
            raise
        # A process that was itself held up has not stood still all that time.
        looked = time.monotonic()
        self._looked, self._passed = looked, min(looked - self._looked, 2 * EVERY_S)
        for one in self._subscriptions():
            await self._look(one, {number: position.next for number, position in stored.get(one.name, {}).items()})
        return EVERY_S

    async def _look(self, one: Subscription, stored: Mapping[int, int]) -> None:
        try:
            ranges = await one.log_ranges()
            await self._follow(one, stored, ranges)
            await one.commit_offsets()
        except BrokerAway:
            self._rest(one, stored, {})
            return
        self._rest(one, stored, ranges)
        if not self._left and self.stuck_s(one.name) > self._stuck_s:
            await self._give_up(one)

    async def _give_up(self, one: Subscription) -> None:
        """End this process; unless somebody who clears a projection holds the positions, as long as that may take."""
        async with self._store.transaction(system(self._store.service)) as tx:
            held = await positions.are_held(tx, one.name)
        if held:
            self._rests = {place: rest for place, rest in self._rests.items() if place[0] != one.name}
            return
        self._left = True
        log.critical("does-not-move", stream=one.name, seconds=self.stuck_s(one.name))
        self._leave()

    async def _follow(self, one: Subscription, stored: Mapping[int, int], ranges: Mapping[int, LogRange]) -> None:
        """Go where the store says, when somebody moved the position or the broker lost what comes next."""
        here, at_work = one.assigned(), one.consumer.at_work
        moved = any(stored.get(number) != one.consumer.positions.get(number) for number in here)
        lost = any(not ranges[number].begin <= stored.get(number, 0) <= ranges[number].end for number in here)
        if (moved or lost or one.lost) and not at_work.locked():  # what a batch under way writes is compared anyway
            async with at_work:
                await one.seek_to_stored(one.assigned())

    def _rest(self, one: Subscription, stored: Mapping[int, int], ranges: Mapping[int, LogRange]) -> None:
        here, reached = one.assigned(), one.consumer.reached
        excused = one.consumer.stopped or one.lost or self._store.backlogged
        for number in range(one.consumer.stream.partitions):
            next_, place = stored.get(number, 0), (one.name, number)
            ours = number in here or not one.joined  # for then this process may be one that Kafka has forgotten
            due = number in ranges and ranges[number].end > next_
            rest = self._rests.get(place)
            if excused or not ours or not due or rest is None or rest.next != next_:
                self._rests[place] = _Rest(next_, 0)
            elif reached > rest.reached:
                self._rests[place] = _Rest(next_, reached)
            else:
                rest.seconds += self._passed
