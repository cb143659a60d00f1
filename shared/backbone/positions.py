"""Where reading stands: the next offset of each partition, stored beside the effects and compared whenever it moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.runtime.store import Tx

_STORED = """
SELECT partition, next_offset, first_offset, rebuild_to, replaced FROM consumer_position
WHERE stream = :stream ORDER BY partition
"""
_PLACE = """
INSERT INTO consumer_position AS p (stream, partition, next_offset, first_offset, rebuild_to, replaced)
SELECT :stream, * FROM unnest(CAST(:partitions AS int[]), CAST(:next AS bigint[]), CAST(:first AS bigint[]),
    CAST(:rebuild_to AS bigint[]), CAST(:replaced AS boolean[]))
ON CONFLICT (stream, partition) DO UPDATE SET moved_at = clock_timestamp(),
    next_offset = excluded.next_offset, first_offset = excluded.first_offset, rebuild_to = excluded.rebuild_to,
    replaced = p.replaced OR excluded.replaced
RETURNING 1
"""
_BEGIN = """
INSERT INTO consumer_position (stream, partition, next_offset, first_offset)
SELECT :stream, p, o, o FROM unnest(CAST(:partitions AS int[]), CAST(:offsets AS bigint[])) u(p, o)
ON CONFLICT DO NOTHING RETURNING 1
"""
# On the position we remember, not on the first record's: on a compacted stream that may be a later one.
_MOVE = """
UPDATE consumer_position p SET next_offset = u.upto, moved_at = clock_timestamp(),
    rebuild_to = CASE WHEN u.upto < p.rebuild_to THEN p.rebuild_to END
FROM unnest($2::int[], $3::bigint[], $4::bigint[]) u(partition, was, upto)
WHERE p.stream = $1 AND p.partition = u.partition AND p.next_offset = u.was RETURNING 1
"""


class Fenced(Exception):
    """Somebody else has moved on from where we stood: what this batch did is rolled back."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partition's reading stands: `next` is read next, `first` was read first.

    `rebuild_to`: the end of the log when it was last to be heard anew; None once that is reached.
    `replaced`: the broker has lost the log that was read; the one it has now may lack what was said before.
    """

    next: int
    first: int
    rebuild_to: int | None = None
    replaced: bool = False


async def stored(tx: Tx, stream: str, *, lock: bool = False) -> dict[int, Position]:
    """The position of each partition that was ever begun; with `lock` nobody moves on until this transaction ends."""
    rows = await tx.rows(_STORED + ("FOR UPDATE" if lock else ""), stream=stream)
    told = "next_offset", "first_offset", "rebuild_to", "replaced"
    return {row["partition"]: Position(*(row[name] for name in told)) for row in rows}


async def are_held(tx: Tx, stream: str) -> bool:
    """Whether somebody is about to move a position of the stream: a batch at its end, or one who clears much first."""
    free = await tx.rows(_STORED + "FOR SHARE SKIP LOCKED", stream=stream)
    return len(free) < len(await stored(tx, stream))


async def begin(tx: Tx, stream: str, offsets: Mapping[int, int]) -> None:
    """Begin partitions never read before at these offsets."""
    await tx.rows(_BEGIN, stream=stream, partitions=list(offsets), offsets=list(offsets.values()))


async def reset(tx: Tx, stream: str, wanted: Mapping[int, Position]) -> None:
    """Read on from elsewhere; whoever stood where it was is fenced. A log once `replaced` stays so."""
    parts = {
        "partitions": list(wanted),
        "next": [position.next for position in wanted.values()],
        "first": [position.first for position in wanted.values()],
        "rebuild_to": [position.rebuild_to for position in wanted.values()],
        "replaced": [position.replaced for position in wanted.values()],
    }
    await tx.rows(_PLACE, stream=stream, **parts)


async def move(tx: Tx, stream: str, was: Sequence[int], upto: Mapping[int, int]) -> None:
    """Move on from where we stood (`was`, in the order of `upto`). Raises `Fenced`."""
    moved = await tx.fetch(_MOVE, stream, list(upto), list(was), list(upto.values()))
    if len(moved) < len(upto):
        raise Fenced
