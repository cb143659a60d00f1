"""Where an event waits that could not be acted on, and behind it the later ones of its key; all others flow by."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping

from shared.backbone import sequences
from shared.backbone.consumers import Record
from shared.runtime.store import Tx

State = Literal["retrying", "waiting", "parked", "early"]

_ANY = "SELECT 1 FROM parked_event WHERE stream = $1 LIMIT 1"
_IDS = "SELECT id FROM parked_event WHERE stream = :stream AND sequence IS NULL"
_BLOCKED = """
SELECT DISTINCT key FROM parked_event WHERE stream = :stream AND key = ANY(:keys) AND sequence IS NULL
"""
_EARLY = """
SELECT * FROM parked_event WHERE stream = :stream AND subject = ANY(:subjects) AND sequence IS NOT NULL
ORDER BY sequence FOR UPDATE
"""
_PUT_ASIDE = """
INSERT INTO parked_event
    (stream, partition, position, key, event_id, type, payload, attempts, error_class, next_at, subject, sequence)
VALUES (:stream, :partition, :position, :key, :event_id, :type, :payload, :attempts, :error_class,
    clock_timestamp() + make_interval(secs => CAST(:wait AS double precision)), :subject, :sequence)
RETURNING id
"""
# The earliest of each key alone is due; those behind it come up by themselves when it is gone.
_DUE = """
SELECT * FROM parked_event p WHERE next_at <= clock_timestamp() AND stream = ANY(:streams) AND NOT EXISTS
    (SELECT FROM parked_event e WHERE e.stream = p.stream AND e.key = p.key AND e.id < p.id AND e.sequence IS NULL)
ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LATER = """
UPDATE parked_event SET attempts = attempts + 1, error_class = :error_class,
    next_at = clock_timestamp() + make_interval(secs => CAST(:wait AS double precision))
WHERE id = :id RETURNING id
"""
_OF_KEY = """
SELECT * FROM parked_event WHERE stream = :stream AND key = :key AND sequence IS NULL ORDER BY id FOR UPDATE
"""
_DONE = "DELETE FROM parked_event WHERE id = ANY(:ids) RETURNING id"
_LOCK = "SELECT stream, subject, sequence FROM parked_event WHERE id = :id FOR UPDATE"
# Written anew, so that they queue in the order of their numbers and behind what waits of their keys.
_QUEUE = """
WITH gone AS (DELETE FROM parked_event WHERE id = ANY(:ids) RETURNING *)
INSERT INTO parked_event
    (stream, partition, position, key, event_id, type, payload, attempts, error_class, put_aside_at, next_at)
SELECT stream, partition, position, key, event_id, type, payload, 0, '', put_aside_at, clock_timestamp()
FROM gone ORDER BY sequence RETURNING id
"""
_REDRIVE = "UPDATE parked_event SET attempts = 0, next_at = clock_timestamp() WHERE id = :id RETURNING id"
_BEHIND = """
SELECT 1 FROM parked_event p JOIN parked_event e ON e.stream = p.stream AND e.key = p.key AND e.id < p.id
WHERE p.id = :id AND e.sequence IS NULL LIMIT 1
"""
_KEPT = "id, stream, partition, position, key, event_id, type, attempts, error_class, put_aside_at"
_DISCARD = f"""
WITH gone AS (DELETE FROM parked_event WHERE id = :id RETURNING {_KEPT})
INSERT INTO discarded_event ({_KEPT}, discarded_by, reason) SELECT {_KEPT}, :by, :reason FROM gone RETURNING id
"""  # noqa: S608 - columns of our own
# Two batches of a subject at once: one counts on to what the other is just putting aside as too early.
_COME = """
SELECT p.stream, p.subject, p.sequence FROM parked_event p JOIN heard_subject h USING (stream, subject)
WHERE p.stream = ANY(:streams) AND p.sequence IS NOT NULL AND (h.next < 0 OR p.sequence <= h.next) LIMIT 1
"""
_LAST_EARLY = """
SELECT DISTINCT ON (subject) stream, subject, sequence FROM parked_event
WHERE stream = :stream AND sequence IS NOT NULL ORDER BY subject, sequence DESC
"""
# What needs an operator first, then what is being tried again, what came too early, and what waits behind another.
_LIST = f"""
SELECT {_KEPT}, next_at, subject, sequence, CASE WHEN sequence IS NULL AND (next_at IS NULL OR attempts > 0) THEN
    (SELECT count(*) FROM parked_event b
     WHERE b.stream = p.stream AND b.key = p.key AND b.id > p.id AND b.sequence IS NULL)
    ELSE 0 END AS behind
FROM parked_event p ORDER BY attempts = 0, next_at IS NOT NULL, id LIMIT :limit
"""  # noqa: S608
_ONE = f"SELECT {_KEPT}, next_at, subject, sequence, payload FROM parked_event WHERE id = :id"  # noqa: S608


class NotParked(LookupError):
    """No such event is put aside; it may have been dealt with meanwhile."""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event put aside, without its content. `attempts` counts tries; `next_at` is the next, if there is one.

    `behind`: how many of its key wait for it. `sequence` is set on one that came before its turn, and only then.
    """

    id: int
    stream: str
    partition: int
    position: int
    key: str
    event_id: UUID | None
    type: str | None
    attempts: int
    error_class: str
    put_aside_at: datetime
    next_at: datetime | None
    subject: str | None = None
    sequence: int | None = None
    behind: int = 0

    @property
    def state(self) -> State:
        """`waiting` is behind an earlier one of its key; `parked` has no tries left and needs an operator.

        `early` waits for what its subject said before it, which has not come.
        """
        if self.sequence is not None:
            return "early"
        if self.next_at is None:
            return "parked"
        return "retrying" if self.attempts else "waiting"


async def ids(tx: Tx, stream: str) -> set[int]:
    """Whatever of a stream is put aside, but for what came too early."""
    return {row["id"] for row in await tx.rows(_IDS, stream=stream)}


async def is_empty(tx: Tx, stream: str) -> bool:
    """Whether nothing of the stream is put aside, as is usual."""
    return not await tx.fetch(_ANY, stream)


async def blocked_keys(tx: Tx, stream: str, keys: Collection[str]) -> set[str]:
    """The keys of which something is put aside, so that what comes later must wait."""
    return {row["key"] for row in await tx.rows(_BLOCKED, stream=stream, keys=list(keys))}


async def early(tx: Tx, stream: str, subjects: Collection[str]) -> Sequence[RowMapping]:
    """What came before its turn, of these subjects, by number."""
    return await tx.rows(_EARLY, stream=stream, subjects=list(subjects))


async def put_aside(
    tx: Tx,
    record: Record,
    event: tuple[UUID | None, str | None],
    *,
    error: str = "",
    wait: float | None = 0,
    turn: tuple[str, int] | None = None,
) -> None:
    """Keep a record to try it again in `wait` seconds (None: not by itself); no `error`: it waits behind another.

    `event`: its id and type, as far as they are known; `turn`: subject and number of one that came too early.
    """
    event_id, type_ = event
    subject, sequence = turn or (None, None)
    await tx.rows(
        _PUT_ASIDE,
        stream=record.stream,
        partition=record.partition,
        position=record.position,
        key=record.key,
        event_id=event_id,
        type=type_,
        payload=record.value,
        attempts=1 if error else 0,
        error_class=error,
        wait=wait,
        subject=subject,
        sequence=sequence,
    )


def record_of(row: RowMapping) -> Record:
    """The record as it arrived."""
    return Record(row["stream"], row["partition"], row["position"], row["key"], row["payload"])


async def next_due(tx: Tx, streams: Collection[str]) -> RowMapping | None:
    """The event put aside that is longest due, locked; another process passes it by."""
    rows = await tx.rows(_DUE, streams=list(streams))
    return rows[0] if rows else None


async def of_key(tx: Tx, stream: str, key: str) -> Sequence[RowMapping]:
    """All of a key that is put aside, in order, locked."""
    return await tx.rows(_OF_KEY, stream=stream, key=key)


async def try_later(tx: Tx, id_: int, error: str, wait: float | None) -> None:
    """Another try has failed."""
    await tx.rows(_LATER, id=id_, error_class=error, wait=wait)


async def done(tx: Tx, *ids: int) -> None:
    """They were acted on, or mean nothing to us any more."""
    await tx.rows(_DONE, ids=list(ids))


async def parked_events(tx: Tx, limit: int = 500) -> list[ParkedEvent]:
    """What is put aside: what needs an operator first, and the oldest of these."""
    return [ParkedEvent(**row) for row in await tx.rows(_LIST, limit=limit)]


async def parked_event(tx: Tx, id_: int) -> tuple[ParkedEvent, bytes | None]:
    """One put aside, and its content, which its caller must not show as it is. Raises `NotParked`."""
    rows = await tx.rows(_ONE, id=id_)
    if not rows:
        raise NotParked
    known = dict(rows[0])
    payload = known.pop("payload")
    return ParkedEvent(**known), payload


async def redrive(tx: Tx, id_: int) -> bool:
    """Try it again now, with all its tries before it; False when it waits behind another. None that came early waits
    for its turn any longer."""
    row = await _locked(tx, id_)
    if row["sequence"] is not None:
        await _go_on(tx, row)
        return True
    await tx.rows(_REDRIVE, id=id_)
    return not await tx.rows(_BEHIND, id=id_)


async def discard(tx: Tx, id_: int, reason: str) -> None:
    """Never act on it; who said so and why is kept, its content is not."""
    row = await _locked(tx, id_)
    await tx.rows(_DISCARD, id=id_, by=tx.actor.subject, reason=reason)
    if row["sequence"] is not None:
        await _go_on(tx, row)


async def queue_what_is_due(tx: Tx, streams: Collection[str]) -> bool:
    """Queue what waits as too early though its turn has come; False when there is nothing of the kind."""
    rows = await tx.rows(_COME, streams=list(streams))
    for row in rows:
        await _go_on(tx, row)
    return bool(rows)


async def let_go(tx: Tx, stream: str) -> None:
    """Nothing of a stream waits any longer for what is missing."""
    for row in await tx.rows(_LAST_EARLY, stream=stream):
        await _go_on(tx, row)


async def _locked(tx: Tx, id_: int) -> RowMapping:
    rows = await tx.rows(_LOCK, id=id_)
    if not rows:
        raise NotParked
    return rows[0]


async def _go_on(tx: Tx, row: RowMapping) -> None:
    """Wait no longer for what is missing before this one: those up to it, and those that follow it, are due."""
    subject, upto, ids = row["subject"], row["sequence"], list[int]()
    for other in await early(tx, row["stream"], [subject]):
        if other["sequence"] > upto + 1:
            break
        ids.append(other["id"])
        upto = max(upto, other["sequence"])
    await sequences.skip_to(tx, row["stream"], subject, upto)
    await tx.rows(_QUEUE, ids=ids)
