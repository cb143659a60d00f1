"""Between a stream's reader and its consumer: stands where the store says, and never on ground that is lost."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared.backbone.consumers import Record
from shared.backbone.consuming import StreamConsumer
from shared.runtime.logs import logger

log = logger(__name__)

BROKER_S = 2.0  # how long it may take to say what it holds


class BrokerAway(Exception):
    """The broker does not say what it holds of a stream."""


@dataclass(frozen=True, slots=True)
class LogRange:
    """What the broker holds of a partition: from `begin` on, and before `end`."""

    begin: int
    end: int


class Subscription(ConsumerRebalanceListener):  # type: ignore[misc]
    """One stream as it is read. `joined`: Kafka has given this process its part, which may be none.

    `lost`: partitions whose next record the broker no longer has; then nothing is read.
    """

    def __init__(self, consumer: StreamConsumer, topic: str) -> None:
        """`reader` gives Kafka's consumer while there is one."""
        self.consumer, self.topic = consumer, topic
        self.reader: Callable[[], AIOKafkaConsumer | None] = lambda: None
        self.lost: dict[int, tuple[int, LogRange]] = {}
        self.joined = False
        self._committed: dict[int, int] = {}

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.consumer.stream.name

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Wait for the batch under way. Kafka is told nothing: where it has forgotten us, it would take our word."""
        self.joined = False
        async with self.consumer.at_work:
            pass

    async def commit_offsets(self) -> None:
        """Tell Kafka how far was read; what counts is in the store, and this only shows that the log is still the same.

        Nothing is told while ground is lost: that Kafka knows nothing must show again, should this process end.
        """
        reader, here = self.reader(), self.assigned()
        upto = {number: at for number, at in self.consumer.positions.items() if number in here}
        if reader is None or upto == self._committed or self.lost:
            return
        try:
            async with asyncio.timeout(BROKER_S):
                await reader.commit({TopicPartition(self.topic, number): at for number, at in upto.items()})
            self._committed = upto
        except (KafkaError, TimeoutError) as error:
            log.info("not-told", stream=self.name, error=type(error).__name__)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Seek to the stored positions; partitions never read before begin at their beginning."""
        reader = self.reader()
        assert reader is not None
        # Before anything is awaited, or aiokafka looks for a committed offset in vain; paused, it fetches nothing yet.
        reader.pause(*assigned)
        for place in assigned:
            reader.seek(place, 0)
        while True:
            try:
                async with self.consumer.at_work:
                    await self.seek_to_stored({place.partition for place in assigned}, anew=True)
                self.joined = True
                return
            except Exception as error:  # noqa: BLE001 - store or broker are away; without positions nothing may be read
                log.warning("positions-unknown", stream=self.name, error=type(error).__name__)
                await asyncio.sleep(1)

    async def seek_to_stored(self, assigned: set[int], *, anew: bool = False) -> None:
        """Read on from where the store says, if the broker still has that. The caller holds `at_work`.

        The broker is asked last: what it had before the position was read may since have been added to.
        """
        before, stored = self.consumer.positions, await self.consumer.load_positions()
        ranges = await self.log_ranges()
        if new := {number: ranges[number].begin for number in assigned if number not in stored}:
            await self.consumer.begin(new)
            stored, ranges = await self.consumer.load_positions(), await self.log_ranges()
        forgotten = await self._forgotten(assigned) if anew else set()
        self._mark_lost({number: stored[number] for number in assigned}, ranges, forgotten)
        if anew:
            self._committed = {}
            await self.commit_offsets()  # before anything is read
        if anew or any(stored[number] != before.get(number) for number in assigned):
            self.seek_back()
        if (reader := self.reader()) is not None:
            places = [TopicPartition(self.topic, number) for number in assigned]
            reader.pause(*places) if self.lost else reader.resume(*places)

    async def _forgotten(self, assigned: set[int]) -> set[int]:
        """Partitions that Kafka was told of and knows nothing about: its disk was lost, and this is another log."""
        reader, places = self.reader(), {number: TopicPartition(self.topic, number) for number in assigned}
        if reader is None:
            raise BrokerAway
        try:
            async with asyncio.timeout(BROKER_S):
                told = await asyncio.gather(*(reader.committed(place) for place in places.values()))
        except (KafkaError, TimeoutError) as error:
            raise BrokerAway from error
        unknown = {number for number, offset in zip(places, told, strict=True) if offset is None}
        return {number for number in unknown if self.consumer.has_read(number)}

    def _mark_lost(self, stored: Mapping[int, int], ranges: Mapping[int, LogRange], forgotten: Collection[int]) -> None:
        """What is lost stays lost until somebody moves the position: new records may have grown over the place."""
        for number, next_ in stored.items():
            has, (was, _) = ranges[number], self.lost.get(number, (-1, None))
            bad = number in forgotten or not has.begin <= next_ <= has.end
            if bad and was != next_:
                self.lost[number] = next_, has
                log.error("lost-ground", stream=self.name, partition=number, next=next_, begin=has.begin, end=has.end)
            elif not bad and (was != next_ or not self.consumer.has_read(number)):  # begun anew
                self.lost.pop(number, None)
        self.lost = {number: lost for number, lost in self.lost.items() if number in stored}

    @property
    def replaced(self) -> set[int]:
        """Partitions lost though what comes next was not deleted: the broker has another log than was read."""
        return {number for number, (next_, has) in self.lost.items() if next_ >= has.begin}

    def assigned(self) -> set[int]:
        """The partitions that this process reads."""
        reader = self.reader()
        return {place.partition for place in reader.assignment()} if reader else set()

    async def take(self, raw: Sequence[ConsumerRecord]) -> bool:
        """Give a batch to its consumer, or go back; whether it was acted on."""
        name = self.name
        records = [Record(name, r.partition, r.offset, _key(r), r.value) for r in raw]
        async with self.consumer.at_work:
            acted = False
            try:
                acted = await self._still_assigned(records) and await self.consumer.take(records)
            finally:  # whatever happened: the reader is past these records already
                if not acted:
                    self.seek_back()
        return acted

    async def _still_assigned(self, records: Sequence[Record]) -> bool:
        """Whether the reader was neither sent elsewhere nor has lost a partition since it gave these records."""
        reader, last = self.reader(), {record.partition: record.position for record in records}
        try:
            return reader is not None and all(
                [await reader.position(TopicPartition(self.topic, number)) > offset for number, offset in last.items()]
            )
        except KafkaError:  # the partition is gone, or the reader's group has ended in trouble
            return False

    def seek_back(self) -> None:
        """Read on from where the consumer stands."""
        if (reader := self.reader()) is not None:
            for place in reader.assignment():
                if place.partition in self.consumer.positions:
                    reader.seek(place, self.consumer.positions[place.partition])

    async def log_ranges(self) -> Mapping[int, LogRange]:
        """What the broker holds of each partition of the stream. Raises `BrokerAway`."""
        reader = self.reader()
        if reader is None:
            raise BrokerAway
        places = [TopicPartition(self.topic, number) for number in range(self.consumer.stream.partitions)]
        try:
            async with asyncio.timeout(BROKER_S):
                begins, ends = await reader.beginning_offsets(places), await reader.end_offsets(places)
        except (KafkaError, TimeoutError, AttributeError) as error:  # the last is aiokafka's, before it has started
            raise BrokerAway from error
        return {place.partition: LogRange(begins[place], ends[place]) for place in places}


def _key(record: ConsumerRecord) -> str:
    """Its key as the store can keep it."""
    return (record.key or b"").decode(errors="replace").replace("\0", "\ufffd")
