"""Hears a stream from elsewhere: past what is lost, or from the beginning for what is derived from the log alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.backbone import parking, positions, sequences
from shared.backbone.consumers import Projection
from shared.backbone.positions import Position
from shared.backbone.subscription import LogRange
from shared.events.streams import Stream
from shared.runtime.store import Tx

Where = Literal["beginning", "end"]

# What was never to be acted on stays known, and so is passed over.
_FORGET_IDS = """
DELETE FROM inbox i WHERE stream = :stream AND NOT EXISTS
    (SELECT FROM discarded_event d WHERE d.stream = i.stream AND d.event_id = i.event_id)
"""
_FORGET_NUMBERS = "DELETE FROM heard_subject WHERE stream = :stream"
_FORGET_PARKED = "DELETE FROM parked_event WHERE stream = :stream"


class NotHeard(LookupError):
    """The service does not hear such a stream."""


class NoProjection(LookupError):
    """The service has no projection of this name."""


class NotWhole(ValueError):
    """The log no longer begins at its beginning, or is not the one that was read: a part alone would be heard anew."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """How far a projection has been heard anew: `done` of `total` offsets, all of them when nothing is `running`."""

    name: str
    done: int
    total: int
    running: bool


async def restart(
    tx: Tx, stream: Stream, where: Where, ranges: Mapping[int, LogRange], replaced: Collection[int] = ()
) -> None:
    """Read on from the beginning or the end of what the broker holds. What was heard is not acted on again.

    But for a compacted stream from its beginning: were only what is forgotten acted on, an old state would stand last.
    `replaced`: partitions that are known to be of another log than was read; others show it by ending too soon.
    """
    stored = await positions.stored(tx, stream.name, lock=True)
    offsets = {number: has.begin if where == "beginning" else has.end for number, has in ranges.items()}
    nowhere = Position(0, 0)
    wanted = {}
    for number, offset in offsets.items():
        was = stored.get(number, nowhere)
        other = number in replaced or was.next > ranges[number].end
        wanted[number] = Position(offset, max(offset, was.first), replaced=other)
    await positions.reset(tx, stream.name, wanted)
    if any(offset > stored.get(number, nowhere).next for number, offset in offsets.items()):
        await parking.let_go(tx, stream.name)
        await sequences.allow_gap(tx, stream.name)
    if stream.compacted and where == "beginning":
        await tx.run(_FORGET_IDS, stream=stream.name)


async def rebuild(
    tx: Tx, projection: Projection, ranges: Mapping[str, Mapping[int, LogRange]], *, partial: bool
) -> None:
    """Clear what a projection has, and hear its streams from their beginnings. Raises `NotWhole` unless `partial`.

    The positions first: whoever is in mid-batch has then lost its place, and rolls back. Then what is parked: whoever
    is trying some of it is waited for, before what it did is cleared with the rest.
    """
    await tx.run("SET LOCAL statement_timeout = '15min'")  # to clear much takes long
    for stream in projection.streams:
        held = ranges[stream.name]
        cut = not stream.compacted and any(has.begin for has in held.values())
        replaced = any(one.replaced for one in (await positions.stored(tx, stream.name)).values())
        if not partial and (cut or replaced):
            raise NotWhole(stream.name)
        least = 1 if replaced else 0  # in another log a subject's first event need not be its number 1
        places = {
            n: Position(has.begin, max(has.begin, least), has.end if has.end > has.begin else None)
            for n, has in held.items()
        }
        await positions.reset(tx, stream.name, places)
    for stream in projection.streams:
        while not await parking.is_empty(tx, stream.name):  # as it is waited for, more may be written
            await tx.run(_FORGET_PARKED, stream=stream.name)
    for table in projection.tables:
        await tx.run(f'DELETE FROM "{table}"')  # noqa: S608 - a table of the service's own
    for stream in projection.streams:
        for forget in (_FORGET_IDS, _FORGET_NUMBERS):
            await tx.run(forget, stream=stream.name)


async def progress(tx: Tx, projections: Sequence[Projection]) -> list[Rebuild]:
    """How far each projection has come since it was last rebuilt."""
    return [await _progress(tx, projection) for projection in projections]


async def _progress(tx: Tx, projection: Projection) -> Rebuild:
    done, total, running = 0, 0, False
    for stream in projection.streams:
        for position in (await positions.stored(tx, stream.name)).values():
            done += max(0, position.next - position.first)
            total += max(0, (position.rebuild_to or position.next) - position.first)
            running = running or position.rebuild_to is not None
    return Rebuild(projection.name, min(done, total), total, running)
