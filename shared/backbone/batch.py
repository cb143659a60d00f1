"""The acts of one batch inside its transaction: what is new, in its turn, each in the log's order."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.exc import IntegrityError

from shared.backbone import parking
from shared.backbone.consumers import (
    AnyHandler,
    Consumers,
    Envelope,
    Record,
    Tombstone,
    Unreadable,
    Work,
    handle,
    handle_many,
    look,
)
from shared.backbone.failures import is_transient
from shared.backbone.positions import Fenced
from shared.backbone.sequences import NumberTaken, Sequences, is_forgotten
from shared.events.envelope import Event
from shared.events.streams import Stream
from shared.runtime.store import Tx

T = TypeVar("T")

TOO_MANY = 10  # failures in a row: then it is not the events that are at fault

# One that the store would not take is no id, and must not be everybody's failure.
_is_id = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE).fullmatch
_is_number = re.compile(r"0*[0-9]{1,18}", re.ASCII).fullmatch

SLICE = 100  # records read before others get their turn

_HEARD = """
SELECT array_agg(event_id::text) AS ids FROM inbox WHERE stream = $1 AND event_id = ANY($2::text[]::uuid[])
"""
# Nobody else notes them meanwhile, or nearly: a refusal costs that batch another try, `ON CONFLICT` costs every batch.
_NOTE = "INSERT INTO inbox (stream, event_id) SELECT $1, unnest($2::text[]::uuid[])"


class TooManyFailed(Exception):
    """Enough has failed in a row that the rest of the batch is left alone."""


class Arrival(msgspec.Struct, gc=False):
    """A record on its way to its handler. `work` None: its type is not ours. `number` 0: it is not counted.

    `id`: as it is noted, if it is ours; `new`: it was not heard before. `parked`: the row in which it waited its turn.
    """

    record: Record
    envelope: Envelope | None
    subject: str = ""
    number: int = 0
    id: str = ""
    new: bool = True
    work: Work | Unreadable | None = None
    parked: int | None = None

    @property
    def event_id(self) -> UUID | None:
        """The event's id, when it is ours and could be read."""
        return UUID(self.id) if self.id else None


async def _each(many: Sequence[T]) -> AsyncIterator[T]:
    """One after another; whatever else the process does gets its turn meanwhile."""
    for number, one in enumerate(many):
        if number % SLICE == 0:
            await asyncio.sleep(0)
        yield one


class Batch:
    """What comes of some records, and the counts, and what is to be said of it, that hold once it is committed."""

    def __init__(
        self,
        consumers: Consumers,
        stream: Stream,
        first_wait: float | None,
        inbox_days: int,
        failed_in_a_row: int,
        *,
        careful: bool,
    ) -> None:
        """`careful`: what fails is undone by itself and put aside; else it is everybody's failure."""
        self._consumers, self._stream, self._first_wait, self._careful = consumers, stream, first_wait, careful
        self._inbox_days = inbox_days
        self._turns, self._blocked = Sequences({}), set[str]()
        self._together: dict[AnyHandler, list[Event[Any] | Tombstone]] = defaultdict(list)
        self.failed_in_a_row = failed_in_a_row
        self.counts: Counter[str] = Counter()
        self.said: list[tuple[str, dict[str, object]]] = []

    async def act_on(self, tx: Tx, records: Sequence[Record], whole: Collection[int]) -> None:
        """In the log's order; keys with something put aside queue behind it.

        `whole`: the partitions that were read from their beginning.
        """
        arrivals = [self._arrival(record) async for record in _each(records)]
        waiting = await self._ask(tx, arrivals)
        noting = asyncio.create_task(self._note(tx, arrivals))
        try:
            await self._read(arrivals)  # while the store writes
        finally:
            await noting
        for arrival in self._in_turn(arrivals, waiting, whole):
            if arrival.parked is not None:
                await parking.done(tx, arrival.parked)
            if not self._joined(arrival):
                await self._act(tx, arrival)
        for handler, events in self._together.items():
            await handle_many(tx, handler, events)
        await self._put_aside_early(tx, waiting)
        await self._turns.write(tx, self._stream.name)

    async def give_up(self, tx: Tx, record: Record, error: Exception) -> None:
        """Put a record aside as it came, since not even what it says of itself can be dealt with."""
        await self._failed(tx, Arrival(record, None), error, wait=None)

    def _arrival(self, record: Record) -> Arrival:
        envelope = look(record.value) if record.value else None
        found = Arrival(record, envelope)
        if envelope is None:
            return found
        if not self._stream.compacted and _is_number(envelope.sequence) and "\0" not in envelope.subject:
            found.subject, found.number = envelope.subject, int(envelope.sequence)
        if self._consumers.hears(self._stream.name, envelope.type):
            if _is_id(envelope.id):
                found.id = envelope.id.lower()
            else:
                found.work = Unreadable(envelope.type)
        return found

    async def _read(self, arrivals: Sequence[Arrival]) -> None:
        async for arrival in _each(arrivals):
            if arrival.new:
                try:
                    arrival.work = arrival.work or self._consumers.read(arrival.record, arrival.envelope)
                except Unreadable as error:
                    arrival.work = error

    async def _ask(self, tx: Tx, arrivals: Sequence[Arrival]) -> dict[tuple[str, int], Arrival]:
        """Learn what the store knows of these: what is new, whose turn it is, what is put aside; what came early."""
        stream, waiting = self._stream.name, dict[tuple[str, int], Arrival]()
        subjects = {arrival.subject for arrival in arrivals if arrival.number}
        await self._mark_new(tx, arrivals)
        if subjects:
            self._turns = await Sequences.of(tx, stream, subjects)
        if not await parking.is_empty(tx, stream):
            self._blocked = await parking.blocked_keys(tx, stream, {arrival.record.key for arrival in arrivals})
            for row in await parking.early(tx, stream, subjects):
                found = self._arrival(parking.record_of(row))
                found.parked = row["id"]
                await self._read([found])
                waiting[found.subject, found.number] = found
        return waiting

    async def _mark_new(self, tx: Tx, arrivals: Sequence[Arrival]) -> None:
        """The first arrival of each id that never was heard before is new."""
        ids = [arrival.id for arrival in arrivals if arrival.id]
        if ids:
            (row,) = await tx.fetch(_HEARD, self._stream.name, ids)
            heard = set(row["ids"] or ())
            for arrival in arrivals:
                if arrival.id:
                    arrival.new = arrival.id not in heard
                    heard.add(arrival.id)

    async def _note(self, tx: Tx, arrivals: Sequence[Arrival]) -> None:
        """Note what is new as heard. Raises `Fenced` when another batch has just noted one of them."""
        new = [arrival.id for arrival in arrivals if arrival.id and arrival.new]
        if new:
            try:
                await tx.fetch(_NOTE, self._stream.name, new)
            except IntegrityError as error:
                raise Fenced from error

    def _in_turn(
        self,
        arrivals: Sequence[Arrival],
        waiting: dict[tuple[str, int], Arrival],
        whole: Collection[int],
    ) -> Iterator[Arrival]:
        """Each once; what came too early after what it waits for, or left in `waiting`."""
        for arrival in arrivals:
            subject, number, ahead = arrival.subject, arrival.number, 0
            if number:
                ahead = self._turns.ahead(subject, number, whole=arrival.record.partition in whole)
            if ahead == 0:
                yield from self._from(arrival, waiting)
            elif arrival.new and ahead > 0 and (subject, number) not in waiting:
                waiting[subject, number] = arrival
            elif arrival.new and arrival.id and not is_forgotten(arrival.id, self._inbox_days):
                if ahead > 0 or not self._turns.was_skipped(subject, number):
                    arrival.work = NumberTaken(arrival.envelope.type if arrival.envelope else None)
                yield arrival
            else:
                self.counts["repeated"] += 1

    def _from(self, arrival: Arrival, waiting: dict[tuple[str, int], Arrival]) -> Iterator[Arrival]:
        """It and what waited for it; one heard before, when nobody counted yet, has had its turn."""
        subject, number = arrival.subject, arrival.number
        turn = arrival if arrival.new else waiting.pop((subject, number), None)
        if turn:
            yield turn
        else:
            self.counts["repeated"] += 1
        while number:
            self._turns.account(subject, number)
            number += 1
            turn = waiting.pop((subject, number), None)
            if turn is None:
                return
            yield turn

    def _joined(self, arrival: Arrival) -> bool:
        """Whether it now is among those that a set handler is given together."""
        work = arrival.work
        if self._careful or not isinstance(work, Work) or not work.many or arrival.record.key in self._blocked:
            return False
        self._together[work.handle].append(work.event)
        self._succeeded()
        return True

    async def _act(self, tx: Tx, arrival: Arrival) -> None:
        """Act on it in its turn, or put it aside."""
        work = arrival.work
        if work is None:
            self.counts["skipped"] += 1
        elif isinstance(work, Unreadable):
            await self._failed(tx, arrival, work, wait=None)
        elif arrival.record.key in self._blocked:
            await self._put_aside(tx, arrival)
        else:
            await self._try(tx, arrival, work)

    async def _try(self, tx: Tx, arrival: Arrival, work: Work) -> None:
        try:
            async with tx.session.begin_nested() if self._careful else nullcontext():
                await handle(tx, work)
        except Exception as error:
            if not self._careful or is_transient(error):
                raise
            await self._failed(tx, arrival, error, wait=self._first_wait)
        else:
            self._succeeded()

    def _succeeded(self) -> None:
        self.failed_in_a_row = 0
        self.counts["handled"] += 1

    async def _failed(self, tx: Tx, arrival: Arrival, error: Exception, *, wait: float | None) -> None:
        name, record = type(error).__name__, arrival.record
        await self._put_aside(tx, arrival, error=name, wait=wait)
        ids = {"stream": record.stream, "position": record.position, "event_id": str(arrival.event_id or "")}
        self.said.append(("put-aside", {**ids, "error": name}))
        self._blocked.add(record.key)
        self.failed_in_a_row += 1
        if self.failed_in_a_row >= TOO_MANY and not self._careful:
            raise TooManyFailed

    async def _put_aside(
        self,
        tx: Tx,
        arrival: Arrival,
        *,
        error: str = "",
        wait: float | None = 0,
        turn: tuple[str, int] | None = None,
    ) -> None:
        event = arrival.event_id, arrival.work.type if arrival.work else None
        await parking.put_aside(tx, arrival.record, event, error=error, wait=wait, turn=turn)
        self.counts["put-aside"] += 1

    async def _put_aside_early(self, tx: Tx, waiting: Mapping[tuple[str, int], Arrival]) -> None:
        """What is still too early is kept until what it waits for has come; nothing waits behind it."""
        for turn, arrival in waiting.items():
            if arrival.parked is None:
                self.said.append(("early", {"stream": self._stream.name, "position": arrival.record.position}))
                await self._put_aside(tx, arrival, wait=None, turn=turn)
