"""Whose turn it is: each subject's events are numbered without a gap, so that a repeat and a loss both show."""

import time
from collections.abc import Collection, Mapping

from shared.backbone.consumers import Unreadable
from shared.backbone.positions import Fenced
from shared.runtime.store import Tx

# As arrays, here and elsewhere on the way of every event: a row of its own for each costs more than the question.
_NEXT = """
SELECT array_agg(subject) AS subjects, array_agg(next) AS next FROM heard_subject
WHERE stream = $1 AND subject = ANY($2::text[])
"""
_WRITE = """
WITH turn AS (
    SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) t(subject, was, next)
), moved AS (
    UPDATE heard_subject h SET next = turn.next FROM turn
    WHERE h.stream = $1 AND h.subject = turn.subject AND h.next = turn.was RETURNING 1
), begun AS (
    INSERT INTO heard_subject (stream, subject, next) SELECT $1, subject, next FROM turn WHERE was IS NULL
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM begun) AS written
"""
_JUMP = """
INSERT INTO heard_subject AS h (stream, subject, next) VALUES (:stream, :subject, :next)
ON CONFLICT (stream, subject) DO UPDATE SET next = GREATEST(abs(h.next), excluded.next) RETURNING 1
"""
# Negative: this number or any later one is due, since some were passed over on purpose.
_LEAP = "UPDATE heard_subject SET next = -abs(next) WHERE stream = :stream RETURNING 1"


class NumberTaken(Unreadable):
    """Another event was heard under this number: its speaker was restored from a copy, or is not the one it says."""


def is_forgotten(id_: str, inbox_days: int) -> bool:
    """Whether an event of this id (a UUID version 7, which tells when it was made) may be one whose id was pruned.

    Counted in milliseconds, since what another kind of UUID begins with is no moment of any calendar.
    """
    made = int(id_.replace("-", "")[:12], 16)
    return made < (time.time() - inbox_days * 86_400) * 1000


class Turns:
    """The numbers due of one batch's subjects; what changes is written at once, and only if nobody else wrote."""

    def __init__(self, stored: Mapping[str, int]) -> None:
        """`stored`: the number due next, by subject."""
        self._stored = stored
        self._next: dict[str, int] = {}

    @classmethod
    async def of(cls, tx: Tx, stream: str, subjects: Collection[str]) -> "Turns":
        """The turns of these subjects as the store has them."""
        (row,) = await tx.fetch(_NEXT, stream, list(subjects))
        return cls(dict(zip(row["subjects"] or (), row["next"] or (), strict=True)))

    def ahead(self, subject: str, number: int, *, whole: bool) -> int:
        """By how much a number is ahead of its turn; negative when it was accounted for before.

        `whole`: the log was read from its beginning, so that a subject's first event is its number 1.
        """
        due = self._next.get(subject) or self._stored.get(subject) or (1 if whole else number)
        return number - (due if due > 0 else max(-due, number))

    def account(self, subject: str, number: int) -> None:
        """It was its turn: what comes of it, act or putting aside, is in this transaction."""
        self._next[subject] = number + 1

    async def write(self, tx: Tx, stream: str) -> None:
        """Write what changed. Raises `Fenced` when another batch, of another partition, counted a subject meanwhile."""
        if not self._next:
            return
        subjects = sorted(self._next)  # in one order for all, so that two batches never wait for each other
        was, upto = [self._stored.get(subject) for subject in subjects], [self._next[subject] for subject in subjects]
        rows = await tx.fetch(_WRITE, stream, subjects, was, upto)
        if rows[0]["written"] < len(subjects):
            raise Fenced


async def jump(tx: Tx, stream: str, subject: str, number: int) -> None:
    """Count a subject on from this number: what was missing before it is no longer waited for."""
    await tx.rows(_JUMP, stream=stream, subject=subject, next=number + 1)


async def leap(tx: Tx, stream: str) -> None:
    """Part of a stream is passed over on purpose: each subject may go on at a later number than is due."""
    await tx.rows(_LEAP, stream=stream)
