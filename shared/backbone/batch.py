"""The acts of one batch inside its transaction: what is new, in its turn, each in the log's order."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import msgspec

from shared.backbone import parking
from shared.backbone.consumers import (
    AnyHandler,
    Consumers,
    Record,
    Tombstone,
    Unreadable,
    Work,
    handle,
    handle_many,
    look,
)
from shared.backbone.counting import Turns
from shared.backbone.failures import is_passing
from shared.events.envelope import Event
from shared.events.streams import Stream
from shared.runtime.logs import logger
from shared.runtime.store import Tx

log = logger(__name__)

TOO_MANY = 10  # failures in a row: then it is not the events that are at fault

_SEEN = """
WITH new AS (
    INSERT INTO inbox (stream, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id
)
SELECT array_agg(event_id) AS ids FROM new
"""


class TooManyFailed(Exception):
    """Enough has failed in a row that the rest of the batch is left alone."""


class Arrival(msgspec.Struct, gc=False):
    """A record on its way to its handler. `work` None: its type is not ours. `number` 0: it is not counted.

    `parked`: the row in which it waited for its turn.
    """

    record: Record
    work: Work | Unreadable | None
    subject: str = ""
    number: int = 0
    parked: int | None = None

    @property
    def event_id(self) -> UUID | None:
        """The event's id, when it is ours and could be read."""
        return self.work.event_id if self.work else None


class Batch:
    """What comes of some records, and the counts that hold once it is committed."""

    def __init__(
        self,
        consumers: Consumers,
        stream: Stream,
        first_wait: float | None,
        failed_in_a_row: int,
        *,
        careful: bool,
    ) -> None:
        """`careful`: what fails is undone by itself and put aside; else it is everybody's failure."""
        self._consumers, self._stream, self._first_wait, self._careful = consumers, stream, first_wait, careful
        self._turns, self._blocked = Turns({}), set[str]()
        self._together: dict[AnyHandler, list[Event[Any] | Tombstone]] = defaultdict(list)
        self.failed_in_a_row = failed_in_a_row
        self.counts: Counter[str] = Counter()

    async def act_on(self, tx: Tx, records: Sequence[Record], firsts: Mapping[int, int]) -> None:
        """In the log's order; keys with something put aside queue behind it. `firsts`: where reading began."""
        arrivals = [self._arrival(record) for record in records]
        waiting: dict[tuple[str, int], Arrival] = {}
        if not await parking.is_empty(tx, self._stream.name):
            self._blocked = await parking.blocked_keys(tx, self._stream.name, {record.key for record in records})
            waiting = await self._early(tx, arrivals)
        unseen = await self._unseen(tx, arrivals)
        if not self._stream.compacted:
            subjects = {arrival.subject for arrival in arrivals if arrival.number}
            self._turns = await Turns.of(tx, self._stream.name, subjects)
        for arrival in self._in_turn(arrivals, unseen, waiting, firsts):
            await self._act(tx, arrival)
        for handler, events in self._together.items():
            await handle_many(tx, handler, events)
        await self._put_aside_early(tx, waiting)
        await self._turns.write(tx, self._stream.name)

    def _arrival(self, record: Record) -> Arrival:
        envelope = look(record.value) if record.value else None
        try:
            work: Work | Unreadable | None = self._consumers.read(record, envelope)
        except Unreadable as error:
            work = error
        if envelope is None or self._stream.compacted or not envelope.sequence.isdecimal():
            return Arrival(record, work)
        return Arrival(record, work, envelope.subject, int(envelope.sequence))

    async def _early(self, tx: Tx, arrivals: Sequence[Arrival]) -> dict[tuple[str, int], Arrival]:
        rows = await parking.early(tx, self._stream.name, {a.subject for a in arrivals if a.number})
        found = ((self._arrival(parking.record_of(row)), row["id"]) for row in rows)
        return {(a.subject, a.number): msgspec.structs.replace(a, parked=id_) for a, id_ in found}

    async def _unseen(self, tx: Tx, arrivals: Sequence[Arrival]) -> set[UUID]:
        """The ids never heard before, noted as heard."""
        ids = [id_ for arrival in arrivals if (id_ := arrival.event_id)]
        if not ids:
            return set()
        (row,) = await tx.fetch(_SEEN, self._stream.name, ids)
        return set(row["ids"] or ())

    def _in_turn(
        self,
        arrivals: Sequence[Arrival],
        unseen: set[UUID],
        waiting: dict[tuple[str, int], Arrival],
        firsts: Mapping[int, int],
    ) -> Iterator[Arrival]:
        """Each once; what came too early after what it waits for, or left in `waiting`."""
        for arrival in arrivals:
            if not self._is_new(arrival, unseen):
                self.counts["repeated"] += 1
                continue
            if not arrival.number:
                yield arrival
                continue
            subject, number = arrival.subject, arrival.number
            ahead = self._turns.ahead(subject, number, whole=firsts.get(arrival.record.partition) == 0)
            if ahead < 0 or (ahead > 0 and (subject, number) in waiting):
                self.counts["repeated"] += 1
            elif ahead > 0:
                waiting[subject, number] = arrival
            else:
                turn: Arrival | None = arrival
                while turn:
                    self._turns.account(subject, number)
                    yield turn
                    number += 1
                    turn = waiting.pop((subject, number), None)

    def _is_new(self, arrival: Arrival, unseen: set[UUID]) -> bool:
        """Once per id; an erasure has none and may be acted on twice."""
        if (id_ := arrival.event_id) is None:
            return True
        if id_ not in unseen:
            return False
        unseen.remove(id_)
        return True

    async def _act(self, tx: Tx, arrival: Arrival) -> None:
        """Act on it in its turn, or put it aside."""
        work = arrival.work
        if arrival.parked is not None:
            await parking.done(tx, arrival.parked)
        if work is None:
            self.counts["skipped"] += 1
        elif arrival.record.key in self._blocked:
            await self._put_aside(tx, arrival)
        elif isinstance(work, Unreadable):
            await self._failed(tx, arrival, work, wait=None)
        elif work.many and not self._careful:
            self._together[work.handle].append(work.event)
            self._succeeded()
        else:
            await self._try(tx, arrival, work)

    async def _try(self, tx: Tx, arrival: Arrival, work: Work) -> None:
        try:
            async with tx.session.begin_nested() if self._careful else nullcontext():
                await handle(tx, work)
        except Exception as error:
            if not self._careful or is_passing(error):
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
        log.warning("put-aside", **ids, error=name)
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
                log.warning("early", stream=self._stream.name, position=arrival.record.position)
                await self._put_aside(tx, arrival, wait=None, turn=turn)
