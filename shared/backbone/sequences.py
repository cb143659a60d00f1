"""Whose turn it is: each subject's events are numbered without a gap, so that a repeat and a loss both show."""

import time
from collections.abc import Collection, Mapping

from shared.backbone.consumers import Unreadable
from shared.backbone.positions import Fenced
from shared.runtime.store import Tx

# As arrays, here and elsewhere on the way of every event: a row of its own for each costs more than the question.
_NEXT = """
SELECT array_agg(subject) AS subjects, array_agg(next) AS next,
    array_agg(subject) FILTER (WHERE skipped_from IS NOT NULL) AS skipping,
    array_agg(skipped_from) FILTER (WHERE skipped_from IS NOT NULL) AS skipped
FROM heard_subject WHERE stream = $1 AND subject = ANY($2::text[])
"""
# `was` NULL: nobody counted this subject before; 0: nor was its beginning heard.
_WRITE = """
WITH turn AS (
    SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) t(subject, was, next)
), moved AS (
    UPDATE heard_subject h SET next = turn.next FROM turn
    WHERE h.stream = $1 AND h.subject = turn.subject AND h.next = turn.was RETURNING 1
), begun AS (
    INSERT INTO heard_subject (stream, subject, next, skipped_from)
    SELECT $1, subject, next, CASE was WHEN 0 THEN 1 END FROM turn WHERE was IS NULL OR was = 0
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM begun) AS written
"""
_JUMP = """
INSERT INTO heard_subject AS h (stream, subject, next, skipped_from) VALUES (:stream, :subject, :next, 1)
ON CONFLICT (stream, subject) DO UPDATE
SET next = GREATEST(abs(h.next), excluded.next), skipped_from = LEAST(h.skipped_from, abs(h.next)) RETURNING 1
"""
# Negative: this number or any later one is due, since some were passed over on purpose.
_LEAP = """
UPDATE heard_subject SET next = -abs(next), skipped_from = LEAST(skipped_from, abs(next)) WHERE stream = :stream
RETURNING 1
"""


class NumberTaken(Unreadable):
    """Another event was heard under this number: its speaker was restored from a copy, or is not the one it says.

    Never of a number that may have been passed over on purpose, by an operator or where reading began midway.
    """


def is_forgotten(id_: str, inbox_days: int) -> bool:
    """Whether an event of this id (a UUID version 7, which tells when it was made) may be one whose id was pruned.

    Counted in milliseconds, since what another kind of UUID begins with is no moment of any calendar.
    """
    made = int(id_.replace("-", "")[:12], 16)
    return made < (time.time() - inbox_days * 86_400) * 1000


class Sequences:
    """The numbers due of one batch's subjects; what changes is written at once, and only if nobody else wrote."""

    def __init__(self, stored: Mapping[str, int], skipped: Mapping[str, int] | None = None) -> None:
        """`stored`: the number due next, by subject; `skipped`: the first number that was passed over on purpose."""
        self._stored, self._skipped = stored, skipped or {}
        self._next: dict[str, int] = {}
        self._midway: set[str] = set()

    @classmethod
    async def of(cls, tx: Tx, stream: str, subjects: Collection[str]) -> "Sequences":
        """The turns of these subjects as the store has them."""
        (row,) = await tx.fetch(_NEXT, stream, list(subjects))
        stored, skipped = (
            dict(zip(row[subject] or (), row[number] or (), strict=True))
            for subject, number in (("subjects", "next"), ("skipping", "skipped"))
        )
        return cls(stored, skipped)

    def ahead(self, subject: str, number: int, *, whole: bool) -> int:
        """By how much a number is ahead of its turn; negative when it was accounted for before.

        `whole`: the log was read from its beginning, so that a subject's first event is its number 1.
        """
        due = self._next.get(subject) or self._stored.get(subject) or (1 if whole else number)
        return number - (due if due > 0 else max(-due, number))

    def account(self, subject: str, number: int) -> None:
        """It was its turn: what comes of it, act or putting aside, is in this transaction."""
        if number > 1 and subject not in self._next and subject not in self._stored:
            self._midway.add(subject)
        self._next[subject] = number + 1

    def was_skipped(self, subject: str, number: int) -> bool:
        """Whether a number before the one that is due may have been passed over, and its event not heard."""
        return subject in self._midway or number >= self._skipped.get(subject, number + 1)

    async def write(self, tx: Tx, stream: str) -> None:
        """Write what changed. Raises `Fenced` when another batch, of another partition, counted a subject meanwhile."""
        if not self._next:
            return
        subjects = sorted(self._next)  # in one order for all, so that two batches never wait for each other
        known = {**dict.fromkeys(self._midway, 0), **self._stored}
        was, upto = [known.get(subject) for subject in subjects], [self._next[subject] for subject in subjects]
        rows = await tx.fetch(_WRITE, stream, subjects, was, upto)
        if rows[0]["written"] < len(subjects):
            raise Fenced


async def skip_to(tx: Tx, stream: str, subject: str, number: int) -> None:
    """Count a subject on from this number: what is missing before it is no longer waited for, but welcome."""
    await tx.rows(_JUMP, stream=stream, subject=subject, next=number + 1)


async def allow_gap(tx: Tx, stream: str) -> None:
    """Part of a stream is passed over on purpose: each subject may go on at a later number than is due.

    What was passed over is acted on all the same, should it come after all: its owner may send it again.
    """
    await tx.rows(_LEAP, stream=stream)
