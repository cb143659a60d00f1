"""Puts what was recorded on its topics: batches of one partition each, in order, and known to be acknowledged."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache

import asyncpg
from aiokafka.partitioner import murmur2

from shared.backbone.producer import Batch, Producer, abandon
from shared.events.envelope import CONTENT_TYPE

SEND_S = 5.0  # the longest wait for the broker in one turn
HEADERS = [("content-type", CONTENT_TYPE.encode())]

COLUMNS = "seq, stream, key, payload"
Rows = Sequence[asyncpg.Record]  # of these columns


@lru_cache(maxsize=65_536)
def partition_of(key: str, partitions: int) -> int:
    """Where Kafka's own clients put a key, so that any of them may write beside us."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


class Sender:
    """A producer while all goes well, and another after every error: an idempotent one may be stuck for good."""

    def __init__(self, make_producer: Callable[[], Producer], *, prefix: str = "") -> None:
        """Nothing connects before the first `send`."""
        self._make_producer, self._prefix = make_producer, prefix
        self._producer: Producer | None = None

    async def send(self, rows: Rows, acknowledged: list[int]) -> None:
        """Send every row, and note in `acknowledged` those the broker confirmed, whatever else goes wrong."""
        if not rows:
            return
        try:
            async with asyncio.timeout(SEND_S):
                producer = await self._connected()
                lanes = await self._lanes(producer, rows)
                sending = (self._send(producer, *lane, rows, acknowledged) for lane, rows in lanes.items())
                outcomes = await asyncio.gather(*sending, return_exceptions=True)
            for error in filter(None, outcomes):
                raise error
        except BaseException:
            await self.put_away()
            raise

    async def put_away(self) -> None:
        """Between turns the producer holds nothing, so that cutting it off is always right."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)

    async def _connected(self) -> Producer:
        if self._producer is None:
            self._producer = self._make_producer()
            await self._producer.start()
        return self._producer

    async def _lanes(self, producer: Producer, rows: Rows) -> dict[tuple[str, int], Rows]:
        """The rows by topic and partition, each in order."""
        lanes: dict[tuple[str, int], list[asyncpg.Record]] = defaultdict(list)
        sizes = {stream: len(await producer.partitions_for(self._topic(stream))) for stream in {row[1] for row in rows}}
        for row in rows:
            lanes[row[1], partition_of(row[2], sizes[row[1]])].append(row)
        return dict(lanes)

    async def _send(self, producer: Producer, stream: str, partition: int, rows: Rows, acknowledged: list[int]) -> None:
        """Send one partition's rows, batch after batch: the next only when the one before is acknowledged."""
        while rows:
            batch = producer.create_batch()
            seqs = _fill(batch, rows)
            sent = await producer.send_batch(batch, self._topic(stream), partition=partition)
            await asyncio.shield(sent)  # a time-out must not cancel what the producer still holds
            acknowledged += seqs
            rows = rows[len(seqs) :]

    def _topic(self, stream: str) -> str:
        return f"{self._prefix}{stream}"


def _fill(batch: Batch, rows: Rows) -> list[int]:
    """Put rows into the batch until it is full; the numbers of those that had room."""
    seqs: list[int] = []
    for seq, _, key, value in rows:
        if batch.append(timestamp=None, key=key.encode(), value=value, headers=HEADERS) is None:
            break
        seqs.append(seq)
    batch.close()
    return seqs
