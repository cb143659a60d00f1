"""Sending again what was sent before: a window of the archive, for when a broker has lost its disk."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime

import asyncpg

from shared.backbone.sending import COLUMNS, Rows
from shared.events.streams import STREAMS
from shared.runtime.store import Tx

TURN = 1000

_JOB = "id, since, until, stream, key, total, sent, asked_by, asked_at, done_at, trouble"
_COMPACTED = ", ".join(f"'{stream.name}'" for stream in STREAMS if stream.compacted)
# Of a compacted stream only the newest of each key goes: an older one would become what the log keeps, and bring back
# a contact that was erased.
_FITS = f"""
    sent_at >= coalesce((SELECT since FROM w), '-infinity') AND sent_at < coalesce((SELECT until FROM w), 'infinity')
    AND stream = coalesce((SELECT stream FROM w), stream) AND key = coalesce((SELECT key FROM w), key)
    AND (stream NOT IN ({_COMPACTED}) OR seq IN (
        SELECT max(seq) FROM outbox_sent WHERE stream IN ({_COMPACTED}) GROUP BY stream, key))
"""  # noqa: S608 - the names are the catalogue's
_ASKED = """
WITH w AS (SELECT CAST(:since AS timestamptz) AS since, CAST(:until AS timestamptz) AS until,
    CAST(:stream AS text) AS stream, CAST(:key AS text) AS key)
"""
_PLAN = f"""
{_ASKED}
SELECT count(*) AS total, (SELECT sent_at FROM outbox_sent ORDER BY seq LIMIT 1) AS kept_since
FROM outbox_sent WHERE {_FITS}
"""  # noqa: S608
_ASK = f"""
{_ASKED}, found AS (SELECT count(*) AS total, min(seq) - 1 AS before, max(seq) AS last FROM outbox_sent WHERE {_FITS})
INSERT INTO republish (since, until, stream, key, after_seq, upto_seq, total, asked_by)
SELECT w.*, coalesce(before, 0), coalesce(last, 0), total, :asked_by FROM w, found
RETURNING {_JOB}
"""  # noqa: S608
_JOBS = f"SELECT * FROM (SELECT {_JOB} FROM republish ORDER BY id DESC LIMIT 100) last ORDER BY id"  # noqa: S608
_NEXT = "SELECT id FROM republish WHERE done_at IS NULL ORDER BY id LIMIT 1"
_WINDOW = f"""
WITH w AS (SELECT * FROM republish WHERE id = $1)
SELECT {COLUMNS} FROM outbox_sent
WHERE seq > (SELECT after_seq FROM w) AND seq <= (SELECT upto_seq FROM w) AND {_FITS} ORDER BY seq LIMIT {TURN}
"""  # noqa: S608
_ADVANCE = """
UPDATE republish SET sent = sent + $2, after_seq = coalesce($3, after_seq),
    done_at = CASE WHEN $4 THEN clock_timestamp() END, trouble = NULL WHERE id = $1
"""
_IN_TROUBLE = "UPDATE republish SET trouble = $2 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Window:
    """What to send again: sent at `since` or later and before `until`, on one stream, of one key; None is no limit."""

    since: datetime | None = None
    until: datetime | None = None
    stream: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RepublishPlan:
    """How many events would go again; nothing sent before `kept_since` is kept any more (None: nothing is)."""

    total: int
    kept_since: datetime | None


@dataclass(frozen=True, slots=True)
class RepublishJob:
    """A window being sent again: `sent` of `total` have gone, all when `done_at` is set.

    `trouble` names the error when the last try failed; it is tried again.
    """

    id: int
    since: datetime | None
    until: datetime | None
    stream: str | None
    key: str | None
    total: int
    sent: int
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    trouble: str | None = None


async def plan(tx: Tx, window: Window) -> RepublishPlan:
    """What would go; nothing is changed."""
    (row,) = await tx.rows(_PLAN, **asdict(window))
    return RepublishPlan(row["total"], row["kept_since"])


async def ask(tx: Tx, window: Window) -> RepublishJob:
    """Have a window sent again; the relay that is at work does it, before anything new."""
    (row,) = await tx.rows(_ASK, **asdict(window), asked_by=tx.actor.subject)
    tx.recorded += 1  # so that the relay is woken after the commit
    return RepublishJob(**row)


async def jobs(tx: Tx) -> list[RepublishJob]:
    """The last hundred that were asked for, oldest first."""
    return [RepublishJob(**row) for row in await tx.rows(_JOBS)]


async def send_next(connection: asyncpg.Connection, send: Callable[[Rows, list[int]], Awaitable[None]]) -> bool:
    """One turn of the oldest job that is not done; False when there is no such job.

    The job remembers how far it has come; dying before that repeats a turn, which readers drop by id.
    """
    job = await connection.fetchval(_NEXT)
    if job is None:
        return False
    try:
        rows = await connection.fetch(_WINDOW, job)
        await send(rows, [])
    except Exception as error:
        await connection.execute(_IN_TROUBLE, job, type(error).__name__)
        raise
    last = rows[-1]["seq"] if rows else None
    await connection.execute(_ADVANCE, job, len(rows), last, len(rows) < TURN)
    return True
