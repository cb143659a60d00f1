"""Hears a stream: a batch and all it changes in one transaction, each event once, one bad event in nobody's way."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from shared.backbone import parking
from shared.backbone.consumers import Consumers, Record, Unreadable, Work, handle
from shared.backbone.failures import is_passing
from shared.events.streams import Stream
from shared.runtime.actor import system
from shared.runtime.logs import logger
from shared.runtime.store import Store, Tx

log = logger(__name__)

TOO_MANY = 10  # failures in a row: then it is not the events that are at fault
LONGEST_PAUSE_S = 5.0

_SEEN = """
INSERT INTO inbox (stream, event_id) SELECT :stream, unnest(CAST(:ids AS uuid[]))
ON CONFLICT DO NOTHING RETURNING event_id
"""
# On the position we remember, not on the first record's: compaction leaves gaps.
_MOVE = """
UPDATE consumer_position p SET next_offset = u.upto, moved_at = clock_timestamp()
FROM unnest(CAST(:partitions AS int[]), CAST(:was AS bigint[]), CAST(:upto AS bigint[])) u(partition, was, upto)
WHERE p.stream = :stream AND p.partition = u.partition AND p.next_offset = u.was RETURNING 1
"""
_POSITIONS = "SELECT partition, next_offset FROM consumer_position WHERE stream = :stream"
_BEGIN = """
INSERT INTO consumer_position (stream, partition, next_offset)
SELECT :stream, * FROM unnest(CAST(:partitions AS int[]), CAST(:offsets AS bigint[])) ON CONFLICT DO NOTHING RETURNING 1
"""


class Fenced(Exception):
    """Somebody else has moved on from where we stood: what this batch did is rolled back."""


class _TooManyFailed(Exception):
    """Enough has failed in a row that the rest of the batch is left alone."""

    def __init__(self, count: int) -> None:
        self.count = count


class StreamConsumer:
    """One stream, as one service hears it."""

    def __init__(self, store: Store, consumers: Consumers, stream: Stream, first_wait: float | None) -> None:
        """`first_wait`: seconds until an event that failed is tried again, None for never by itself."""
        self.stream, self._name = stream, stream.name
        self._store, self._consumers, self._first_wait = store, consumers, first_wait
        self._actor = system(store.service)
        self._positions: dict[int, int] = {}
        self._troubles = 0
        self.failed_in_a_row = 0
        self.counts: Counter[str] = Counter()
        self.at_work = asyncio.Lock()  # a rebalance waits for the batch under way

    @property
    def stopped(self) -> bool:
        """Whether so much failed in a row that nothing more is taken until something put aside is dealt with."""
        return self.failed_in_a_row >= TOO_MANY

    async def recall(self) -> Mapping[int, int]:
        """Stand where the store says: the next offset to read of each partition that was ever begun."""
        async with self._store.transaction(self._actor) as tx:
            rows = await tx.rows(_POSITIONS, stream=self._name)
        self._positions = {row["partition"]: row["next_offset"] for row in rows}
        return self._positions

    async def begin(self, offsets: Mapping[int, int]) -> None:
        """Begin partitions never read before at these offsets."""
        async with self._store.transaction(self._actor) as tx:
            await tx.rows(_BEGIN, stream=self._name, partitions=list(offsets), offsets=list(offsets.values()))

    async def take(self, records: Sequence[Record]) -> bool:
        """Act on a batch; False when it must be given again. Never raises: FastStream would commit what failed."""
        async with self.at_work:
            try:
                if not self.stopped:
                    await self._apply([r for r in records if r.position >= self._position_of(r)])
                    self._troubles = 0
            except Fenced:
                return await self._again("fenced", reload=True)
            except Exception as error:  # noqa: BLE001 - the batch is rolled back and comes again
                return await self._again(type(error).__name__)
            return not self.stopped or await self._again("too-many-failed")

    async def _again(self, why: str, *, reload: bool = False) -> bool:
        log.warning("batch-again", stream=self._name, why=why)
        self._troubles += 1
        await asyncio.sleep(min(0.1 * 2**self._troubles, LONGEST_PAUSE_S))
        if reload:
            await self._reload()
        return False

    async def _reload(self) -> None:
        try:
            await self.recall()
        except Exception as error:  # noqa: BLE001 - the next batch is fenced again and tries again
            log.warning("positions-unknown", stream=self._name, error=type(error).__name__)

    def _position_of(self, record: Record) -> int:
        if record.partition not in self._positions:
            raise Fenced
        return self._positions[record.partition]

    async def _apply(self, records: Sequence[Record]) -> None:
        """All at once; when an event fails, all again with each on its own, so that only the bad one is put aside."""
        try:
            await self._transact(records, careful=False)
        except Exception as error:
            if isinstance(error, Fenced) or is_passing(error):
                raise
            await self._apply_carefully(records)

    async def _apply_carefully(self, records: Sequence[Record]) -> None:
        try:
            await self._transact(records, careful=True)
        except _TooManyFailed as enough:
            await self._transact(records[: enough.count], careful=True)

    async def _transact(self, records: Sequence[Record], *, careful: bool) -> None:
        if not records:
            return
        upto = {record.partition: record.position + 1 for record in records}
        batch = _Batch(self._consumers, self._name, self._first_wait, self.failed_in_a_row, careful=careful)
        async with self._store.transaction(self._actor) as tx:
            await batch.act_on(tx, records)
            await self._move(tx, upto)
        self._positions |= upto
        self.failed_in_a_row = batch.failed_in_a_row
        self.counts += batch.counts

    async def _move(self, tx: Tx, upto: Mapping[int, int]) -> None:
        was = [self._positions[partition] for partition in upto]
        places = {"partitions": list(upto), "was": was, "upto": list(upto.values())}
        if len(await tx.rows(_MOVE, stream=self._name, **places)) < len(upto):
            raise Fenced


class _Batch:
    """The acts of one batch inside its transaction, and the counts that hold once it is committed."""

    def __init__(
        self, consumers: Consumers, stream: str, first_wait: float | None, failed_in_a_row: int, *, careful: bool
    ) -> None:
        self._consumers, self._stream, self._first_wait, self._careful = consumers, stream, first_wait, careful
        self.failed_in_a_row = failed_in_a_row
        self.counts: Counter[str] = Counter()

    async def act_on(self, tx: Tx, records: Sequence[Record]) -> None:
        """In the log's order; keys with something put aside queue behind it."""
        read = [(record, self._read(record)) for record in records]
        unseen = await self._unseen(tx, [work for _, work in read if isinstance(work, Work)])
        blocked = await parking.blocked_keys(tx, self._stream, {record.key for record in records})
        for number, (record, work) in enumerate(read, start=1):
            if work is None or (isinstance(work, Work) and not self._is_new(work, unseen)):
                continue
            if record.key in blocked:
                await parking.put_aside(tx, record, work)
                self.counts["put-aside"] += 1
            elif not await self._act(tx, record, work):
                blocked.add(record.key)
                if self.failed_in_a_row >= TOO_MANY and number < len(read):
                    raise _TooManyFailed(number)

    def _read(self, record: Record) -> Work | Unreadable | None:
        try:
            work = self._consumers.read(record)
        except Unreadable as error:
            return error
        if work is None:
            self.counts["skipped"] += 1
        return work

    async def _unseen(self, tx: Tx, works: Sequence[Work]) -> set[object]:
        """The ids never heard before, noted as heard."""
        ids = [work.event_id for work in works if work.event_id]
        return {row["event_id"] for row in await tx.rows(_SEEN, stream=self._stream, ids=ids)} if ids else set()

    def _is_new(self, work: Work, unseen: set[object]) -> bool:
        """Once per id; an erasure has none and may be acted on twice."""
        if work.event_id is None:
            return True
        if work.event_id not in unseen:
            self.counts["repeated"] += 1
            return False
        unseen.remove(work.event_id)
        return True

    async def _act(self, tx: Tx, record: Record, work: Work | Unreadable) -> bool:
        """Whether it was acted on; else it is put aside."""
        if isinstance(work, Unreadable):
            return await self._failed(tx, record, work, work, wait=None)
        try:
            async with tx.session.begin_nested() if self._careful else nullcontext():
                await handle(tx, work)
        except Exception as error:
            if not self._careful or is_passing(error):
                raise
            return await self._failed(tx, record, work, error, wait=self._first_wait)
        self.failed_in_a_row = 0
        self.counts["handled"] += 1
        return True

    async def _failed(
        self, tx: Tx, record: Record, work: Work | Unreadable, error: Exception, *, wait: float | None
    ) -> bool:
        await parking.put_aside(tx, record, work, error=type(error).__name__, wait=wait)
        ids = {"stream": self._stream, "position": record.position, "event_id": str(work.event_id or "")}
        log.warning("put-aside", **ids, error=type(error).__name__)
        self.failed_in_a_row += 1
        self.counts["put-aside"] += 1
        return False
