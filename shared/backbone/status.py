"""How the carrying goes: what health, metrics and the operators' page show."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from shared.backbone.rebuilding import Rebuild
from shared.backbone.subscription import BrokerAway, LogRange, Subscription
from shared.backbone.watching import Watchdog
from shared.runtime.actor import system
from shared.runtime.store import Store

RELAY_S = 15.0  # without a turn, or with an event unsent for so long, something is wrong
STUCK_S = 25.0

_OUTBOX = """
SELECT count(*) AS depth, coalesce(extract(epoch FROM
    clock_timestamp() - (SELECT recorded_at FROM outbox ORDER BY seq LIMIT 1)), 0) AS age FROM outbox
"""
_POSITIONS = "SELECT stream, partition, next_offset, moved_at FROM consumer_position WHERE stream = ANY(:streams)"
_ASIDE = """
SELECT count(*) FILTER (WHERE next_at IS NULL AND sequence IS NULL) AS parked,
    count(*) FILTER (WHERE sequence IS NOT NULL) AS early,
    count(*) FILTER (WHERE next_at IS NOT NULL AND attempts > 0) AS retrying,
    count(*) FILTER (WHERE next_at IS NOT NULL AND attempts = 0) AS waiting FROM parked_event
"""
_EARLY = "SELECT stream, count(*) AS early FROM parked_event WHERE sequence IS NOT NULL GROUP BY stream"
_DUE = "SELECT count(*) AS due FROM timer WHERE fire_at <= clock_timestamp()"


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """How far one partition was read; `end` is None while the broker is away."""

    partition: int
    position: int
    end: int | None


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream as this service hears it; offsets are summed over its partitions.

    `end` and `lag` (records) are None while the broker is away. `stopped`: too much failed in a row. `stuck_s`: how
    long there has been something to read and nothing was. `counts`: handled, skipped, repeated, put-aside.
    These three are of the process that answers; other replicas have their own. `early`: how many came before their
    turn. `lost_ground`: what the broker no longer has, and what to do about it.
    """

    stream: str
    position: int
    end: int | None
    lag: int | None
    last_progress: datetime | None
    stopped: bool
    stuck_s: float
    counts: Mapping[str, int]
    partitions: Sequence[PartitionStatus] = ()
    early: int = 0
    lost_ground: str | None = None


@dataclass(frozen=True, slots=True)
class BackboneStatus:
    """`relay_turned_s`: seconds since the relay's last good turn; `relay_active`: this process is the one that sends.

    `outbox_age_s`: how long the oldest unsent event has waited. `sent` counts since the process began. `early`: how
    many came before their turn and wait for what is missing. `rebuilds`: how far each projection was heard anew.
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
    rebuilds: Sequence[Rebuild] = ()
    stuck_limit_s: float = STUCK_S

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
            elif stream.lost_ground:
                found.append(f"{stream.stream} has lost ground: {stream.lost_ground}")
            elif stream.stuck_s > self.stuck_limit_s:
                found.append(f"{stream.stream} does not move")
        return found


async def counted(store: Store) -> dict[str, float]:
    """Depth and age of the outbox, what is put aside, timers due; in one transaction."""
    async with store.transaction(system(store.service)) as tx:
        parts = [await tx.rows(sql) for sql in (_OUTBOX, _ASIDE, _DUE)]
    return {name: float(value) for rows in parts for name, value in rows[0].items()}


async def streams(store: Store, subscriptions: Sequence[Subscription], watch: Watchdog) -> list[StreamStatus]:
    """Each stream's standing, asked of the store and of the broker."""
    async with store.transaction(system(store.service)) as tx:
        rows = await tx.rows(_POSITIONS, streams=[one.name for one in subscriptions])
        early = {row["stream"]: row["early"] for row in await tx.rows(_EARLY)}
    held = await asyncio.gather(*(_log_ranges(one) for one in subscriptions))
    return [
        _stream(one, [row for row in rows if row["stream"] == one.name], ranges, watch, early)
        for one, ranges in zip(subscriptions, held, strict=True)
    ]


async def _log_ranges(one: Subscription) -> Mapping[int, LogRange] | None:
    try:
        return await one.log_ranges()
    except BrokerAway:
        return None


def _stream(
    one: Subscription,
    rows: Sequence[RowMapping],
    ranges: Mapping[int, LogRange] | None,
    watch: Watchdog,
    early: Mapping[str, int],
) -> StreamStatus:
    at = {row["partition"]: row["next_offset"] for row in rows}
    partitions = [
        PartitionStatus(number, at.get(number, 0), ranges[number].end if ranges else None)
        for number in range(one.consumer.stream.partitions)
    ]
    return StreamStatus(
        stream=one.name,
        position=sum(at.values()),
        end=sum(has.end for has in ranges.values()) if ranges else None,
        lag=sum(max(0, (each.end or 0) - each.position) for each in partitions) if ranges else None,
        last_progress=max((row["moved_at"] for row in rows), default=None),
        stopped=one.consumer.stopped,
        stuck_s=watch.stuck_s(one.name),
        counts=dict(one.consumer.counts),
        partitions=partitions,
        early=early.get(one.name, 0),
        lost_ground=_lost_ground(one),
    )


def _lost_ground(one: Subscription) -> str | None:
    """What is gone, and the command that goes on without it."""
    if not one.lost:
        return None
    number, (next_, has) = min(one.lost.items())
    gone = f"partition {number} is to be read from {next_}, and the broker has {has.begin} to {has.end}"
    if number in one.replaced:
        gone += " of another log"
    return f"{gone}: kith stream restart {one.consumer.service} {one.name} --from beginning"
