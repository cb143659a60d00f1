"""How the carrying goes: what health, metrics and the operators' page show."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import RowMapping

from shared.backbone.broker import Subscription
from shared.backbone.consuming import StreamConsumer
from shared.runtime.actor import system
from shared.runtime.store import Store

RELAY_S = 15.0  # without a turn, or with an event unsent for so long, something is wrong
STUCK_S = 30.0

_OUTBOX = """
SELECT count(*) AS depth, coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0) AS age FROM outbox
"""
_POSITIONS = "SELECT stream, partition, next_offset, moved_at FROM consumer_position WHERE stream = ANY(:streams)"
_ASIDE = """
SELECT count(*) FILTER (WHERE next_at IS NULL AND sequence IS NULL) AS parked,
    count(*) FILTER (WHERE sequence IS NOT NULL) AS early,
    count(*) FILTER (WHERE next_at IS NOT NULL AND attempts > 0) AS retrying,
    count(*) FILTER (WHERE next_at IS NOT NULL AND attempts = 0) AS waiting FROM parked_event
"""
_DUE = "SELECT count(*) AS due FROM timer WHERE fire_at <= clock_timestamp()"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream as this service hears it; offsets are summed over its partitions.

    `end` and `lag` (records) are None while the broker is away. `stopped`: too much failed in a row. `stuck_s`: how
    long there has been something to read and nothing was. `counts`: handled, skipped, repeated, put-aside.
    `beyond_end`: the broker has lost records that were read; what is said next could be passed over.
    """

    stream: str
    position: int
    end: int | None
    lag: int | None
    last_progress: datetime | None
    stopped: bool
    stuck_s: float
    counts: Mapping[str, int]
    beyond_end: bool = False


@dataclass(frozen=True, slots=True)
class BackboneStatus:
    """`relay_turned_s`: seconds since the relay's last good turn; `relay_active`: this process is the one that sends.

    `outbox_age_s`: how long the oldest unsent event has waited. `sent` counts since the process began. `early`: how
    many came before their turn and wait for what is missing.
    """

    relay_active: bool
    relay_turned_s: float
    sent: int
    outbox_depth: int
    outbox_age_s: float
    streams: Sequence[StreamStatus]
    retrying: int
    waiting: int
    parked: int
    timers_due: int
    early: int = 0

    @property
    def troubles(self) -> list[str]:
        """Why the service is not ready, in words for an operator; empty when it is."""
        found = ["the relay does not turn"] if self.relay_turned_s > RELAY_S else []
        if self.outbox_age_s > RELAY_S:
            found.append("events wait to be sent")
        for stream in self.streams:
            if stream.stopped:
                found.append(f"{stream.stream} is stopped: too much failed in a row")
            elif stream.end is None:
                found.append(f"{stream.stream} cannot be reached")
            elif stream.beyond_end:
                found.append(f"{stream.stream} ends before what was read of it")
            elif stream.stuck_s > STUCK_S:
                found.append(f"{stream.stream} does not move")
        return found


@dataclass(slots=True)
class Watch:
    """Remembers when each stream last moved or had nothing to read."""

    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def stuck_s(self, stream: str, position: int, lag: int | None) -> float:
        """Seconds for which the stream has stood still with something to read."""
        before, since = self._seen.get(stream, (-1, 0.0))
        if position != before or not lag:
            since = time.monotonic()
        self._seen[stream] = position, since
        return time.monotonic() - since


async def counted(store: Store) -> dict[str, float]:
    """Depth and age of the outbox, what is put aside, timers due; in one transaction."""
    async with store.transaction(system(store.service)) as tx:
        parts = [await tx.rows(sql) for sql in (_OUTBOX, _ASIDE, _DUE)]
    return {name: float(value) for rows in parts for name, value in rows[0].items()}


async def streams(store: Store, subscriptions: Sequence[Subscription], watch: Watch) -> list[StreamStatus]:
    """Each stream's standing, asked of the store and of the broker."""
    names = [subscription.consumer.stream.name for subscription in subscriptions]
    async with store.transaction(system(store.service)) as tx:
        rows = await tx.rows(_POSITIONS, streams=names)
    ends = await asyncio.gather(*(subscription.ends() for subscription in subscriptions))
    return [
        _stream(one.consumer, [row for row in rows if row["stream"] == name], end, watch)
        for name, one, end in zip(names, subscriptions, ends, strict=True)
    ]


def _stream(
    consumer: StreamConsumer, rows: Sequence[RowMapping], ends: Mapping[int, int] | None, watch: Watch
) -> StreamStatus:
    positions = {row["partition"]: row["next_offset"] for row in rows}
    position = sum(positions.values())
    lag = None if ends is None else sum(max(0, end - positions.get(number, 0)) for number, end in ends.items())
    name = consumer.stream.name
    return StreamStatus(
        stream=name,
        position=position,
        end=None if ends is None else sum(ends.values()),
        lag=lag,
        last_progress=max((row["moved_at"] for row in rows), default=None),
        stopped=consumer.stopped,
        stuck_s=watch.stuck_s(name, position, lag),
        counts=dict(consumer.counts),
        beyond_end=ends is not None and any(positions.get(number, 0) > end for number, end in ends.items()),
    )
