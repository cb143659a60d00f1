"""Hears a stream: a batch and all it changes in one transaction, each event once, one bad event in nobody's way."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from shared.backbone import parking, positions
from shared.backbone.batch import TOO_MANY, Batch
from shared.backbone.consumers import Consumers, Record
from shared.backbone.failures import is_slow, is_transient
from shared.backbone.positions import Fenced
from shared.events.streams import Stream
from shared.runtime.actor import system
from shared.runtime.logs import logger
from shared.runtime.store import Store, Tx

log = logger(__name__)

LONGEST_PAUSE_S = 5.0


class Gap(Fenced):
    """Records between where we stand and these were lost on their way to us: they are to be read again."""


class StreamConsumer:
    """One stream, as one service hears it."""

    def __init__(
        self, store: Store, consumers: Consumers, stream: Stream, first_wait: float | None, inbox_days: int = 30
    ) -> None:
        """`first_wait`: seconds until an event that failed is tried again, None for never by itself.

        `inbox_days`: how long ids are remembered.
        """
        self.stream, self._name, self.service = stream, stream.name, store.service
        self._store, self._consumers = store, consumers
        self._first_wait, self._inbox_days = first_wait, inbox_days
        self._actor = system(store.service)
        self._whole: set[int] = set()
        self._begun: dict[int, int] = {}
        self._troubles = 0
        self._batch: Batch | None = None
        self._aside: set[int] = set()  # what was put aside when this process stopped
        self.positions: dict[int, int] = {}
        self.failed_in_a_row = 0
        self.counts: Counter[str] = Counter()
        self.at_work = asyncio.Lock()  # a rebalance, and whoever moves the positions, waits for the batch under way

    @property
    def takes_sets(self) -> bool:
        """Whether all handlers of the stream are given their events together."""
        return self._consumers.takes_sets(self._name)

    @property
    def stopped(self) -> bool:
        """Whether so much failed in a row that nothing more is taken until something put aside is dealt with."""
        return self.failed_in_a_row >= TOO_MANY

    @property
    def reached(self) -> int:
        """How many events of the batch under way were dealt with."""
        return self._batch.counts.total() if self._batch else 0

    async def look_again(self, tx: Tx) -> None:
        """Go on when something that was put aside is gone, whichever process was told to deal with it."""
        if self.stopped and self._aside - await parking.ids(tx, self._name):
            self.failed_in_a_row = 0

    async def load_positions(self) -> Mapping[int, int]:
        """Stand where the store says: the next offset to read of each partition that was ever begun."""
        async with self._store.transaction(self._actor) as tx:
            found = await positions.stored(tx, self._name)
        self._begun = {number: position.first for number, position in found.items()}
        self._whole = {number for number, first in self._begun.items() if first == 0}
        self.positions = {partition: position.next for partition, position in found.items()}
        return self.positions

    def has_read(self, partition: int) -> bool:
        """Whether anything of a partition was read since it was begun, or begun anew."""
        return self.positions[partition] > self._begun[partition]

    async def begin(self, offsets: Mapping[int, int]) -> None:
        """Begin partitions never read before at these offsets."""
        async with self._store.transaction(self._actor) as tx:
            await positions.begin(tx, self._name, offsets)

    async def take(self, records: Sequence[Record]) -> bool:
        """Act on a batch; False when `positions` is to be read from again. Never raises: FastStream would commit."""
        try:
            if not self.stopped:
                await self._apply(self._due(records))
                self._troubles = 0
        except Fenced as error:
            return await self._again(type(error).__name__.lower(), reload=True)
        except Exception as error:  # noqa: BLE001 - the batch is rolled back and comes again
            return await self._again(type(error).__name__)
        return not self.stopped or await self._again("too-many-failed")

    async def _again(self, why: str, *, reload: bool = False) -> bool:
        log.warning("batch-again", stream=self._name, why=why)
        self._troubles += 1
        await asyncio.sleep(min(0.1 * 2 ** min(self._troubles, 6), LONGEST_PAUSE_S))
        if reload:
            await self._reload()
        return False

    async def _reload(self) -> None:
        try:
            await self.load_positions()
        except Exception as error:  # noqa: BLE001 - the next batch is fenced again and tries again
            log.warning("positions-unknown", stream=self._name, error=type(error).__name__)

    def _due(self, records: Sequence[Record]) -> list[Record]:
        """Those not acted on before. Raises `Fenced` when nothing is known of a partition, and `Gap`.

        Only compaction leaves gaps: nothing here writes in Kafka's transactions, whose marks would.
        """
        due, at = list[Record](), dict(self.positions)
        for record in records:
            if record.partition not in at:
                raise Fenced
            if record.position >= at[record.partition]:
                if record.position > at[record.partition] and not self.stream.compacted:
                    raise Gap
                at[record.partition] = record.position + 1
                due.append(record)
        return due

    async def _apply(self, records: Sequence[Record]) -> None:
        """All at once; when that fails, each half by itself, down to the one record that is at fault."""
        if self.stopped or not records:
            return
        try:
            await self._transact(records, careful=False)
        except Exception as error:
            if _is_no_fault(error):
                raise
            if len(records) == 1:
                await self._by_itself(records)
                return
            half = len(records) // 2
            await self._apply(records[:half])
            await self._apply(records[half:])

    async def _by_itself(self, record: Sequence[Record]) -> None:
        """One record, with all care; should even that fail, it is put aside as it came, for an operator."""
        try:
            await self._transact(record, careful=True)
        except Exception as error:
            if _is_no_fault(error) or is_slow(error):  # what is slow in a handler is caught there
                raise
            await self._transact(record, careful=True, hopeless=error)

    async def _transact(self, records: Sequence[Record], *, careful: bool, hopeless: Exception | None = None) -> None:
        upto = {record.partition: record.position + 1 for record in records}
        waits = self._first_wait, self._inbox_days
        batch = Batch(self._consumers, self.stream, *waits, self.failed_in_a_row, careful=careful)
        self._batch = batch
        async with self._store.transaction(self._actor) as tx:
            if hopeless is None:
                await batch.act_on(tx, records, self._whole)
            else:
                await batch.give_up(tx, records[0], hopeless)
            await positions.move(tx, self._name, [self.positions[partition] for partition in upto], upto)
            if batch.failed_in_a_row >= TOO_MANY:
                self._aside = await parking.ids(tx, self._name)
        self.positions |= upto
        self.failed_in_a_row = batch.failed_in_a_row
        self.counts += batch.counts
        for event, about in batch.said:
            log.warning(event, **about)


def _is_no_fault(error: Exception) -> bool:
    """Whether what went wrong has nothing to do with the records."""
    return isinstance(error, Fenced) or is_transient(error)
