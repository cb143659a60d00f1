"""Carries what was recorded to those who wait for it: in order per key, at least once, and never lost."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache

import asyncpg
from aiokafka.partitioner import murmur2

from shared.backbone.loop import wait_until
from shared.backbone.producer import Batch, Producer, abandon
from shared.events.envelope import CONTENT_TYPE
from shared.runtime.logs import logger

log = logger(__name__)

BATCH = 1000
POLL_S = 1.0
SEND_S = 5.0  # the longest wait for the broker in one turn
TIDY_EVERY_S = 3600.0
LOCK = 0x6B697468  # "kith": one relay per database
HEADERS = [("content-type", CONTENT_TYPE.encode())]

_LOCK = "SELECT pg_try_advisory_lock($1)"
# By state, not by a cursor: a slow transaction commits a low number late, and must not be passed over.
_OLDEST = f"SELECT seq, stream, key, payload, recorded_at FROM outbox ORDER BY seq LIMIT {BATCH}"  # noqa: S608
_ARCHIVE = """
WITH sent AS (DELETE FROM outbox WHERE seq = ANY($1::bigint[]) RETURNING seq, stream, key, payload, recorded_at)
INSERT INTO outbox_sent (seq, stream, key, payload, recorded_at) SELECT * FROM sent
"""
_TIDY = (
    "DELETE FROM outbox_sent WHERE sent_at < clock_timestamp() - make_interval(days => $1)",
    "DELETE FROM idempotency WHERE created_at < clock_timestamp() - make_interval(days => $1)",
)


Rows = Sequence[asyncpg.Record]


@lru_cache(maxsize=65_536)
def partition_of(key: str, partitions: int) -> int:
    """Where Kafka's own clients put a key, so that any of them may write beside us."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


class Relay:
    """One service's relay; of several processes of the service the one that holds the store's lock works."""

    def __init__(
        self, dsn: str, make_producer: Callable[[], Producer], *, prefix: str = "", sent_days: int = 7
    ) -> None:
        """`dsn` is the store's address for asyncpg, past any pooler; nothing connects before `run`."""
        self._dsn = dsn.replace("+asyncpg", "", 1)
        self._make_producer, self._prefix, self._sent_days = make_producer, prefix, sent_days
        self._producer: Producer | None = None
        self._woken, self._stopping = asyncio.Event(), asyncio.Event()
        self._tidied = float("-inf")
        self.active = False
        self.sent = 0
        self._last_turn = time.monotonic()

    @property
    def turned_s(self) -> float:
        """Seconds since the last turn that sent all it found, or found another process at work."""
        return time.monotonic() - self._last_turn

    def wake(self) -> None:
        """Something was recorded."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the turn under way, then let `run` return."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Carry until stopped. Kafka or the store away: wait, and try again."""
        while not self._stopping.is_set():
            try:
                async with self._session() as connection:
                    await self._stand_by(connection)
                    await self._carry(connection)
            except Exception as error:  # noqa: BLE001 - whatever it was, the rows are still there: begin anew
                log.warning("relay-stalled", error=type(error).__name__)
            finally:
                self.active = False
            await wait_until(self._stopping, POLL_S)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[asyncpg.Connection]:
        """A session of the store's own, which holds the lock and runs the statements: who loses it can do neither."""
        limits = {"statement_timeout": "15000", "application_name": "kith relay"}
        connection = await asyncpg.connect(self._dsn, timeout=5, command_timeout=20, server_settings=limits)
        try:
            yield connection
        finally:
            await self._put_producer_away()
            connection.terminate()  # not close(): a broken session would wait for an answer

    async def _stand_by(self, connection: asyncpg.Connection) -> None:
        """Wait for the lock, while another process holds it."""
        while not self._stopping.is_set() and not await connection.fetchval(_LOCK, LOCK):
            self._last_turn = time.monotonic()
            await wait_until(self._stopping, POLL_S)

    async def _carry(self, connection: asyncpg.Connection) -> None:
        self.active = True
        while not self._stopping.is_set():
            self._woken.clear()
            if await self.turn(connection) == 0:
                await self._tidy(connection)
                await wait_until(self._woken, POLL_S)

    async def turn(self, connection: asyncpg.Connection) -> int:
        """Publish the oldest rows and move them to the archive; how many. No transaction is open while sending."""
        rows = await connection.fetch(_OLDEST)
        acknowledged: list[int] = []
        try:
            await self._publish(rows, acknowledged)
        finally:
            if acknowledged:
                await self.archive(connection, acknowledged)
        self._last_turn = time.monotonic()
        return len(rows)

    async def archive(self, connection: asyncpg.Connection, seqs: list[int]) -> None:
        """Move acknowledged rows out of the outbox; dying before this repeats them, which readers drop by id."""
        await connection.execute(_ARCHIVE, seqs)
        self.sent += len(seqs)

    async def _tidy(self, connection: asyncpg.Connection) -> None:
        if time.monotonic() - self._tidied > TIDY_EVERY_S:
            for statement in _TIDY:
                await connection.execute(statement, self._sent_days)
            self._tidied = time.monotonic()

    async def _publish(self, rows: Rows, acknowledged: list[int]) -> None:
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
            await self._put_producer_away()  # after any error a new one: an idempotent producer may be stuck
            raise

    async def _connected(self) -> Producer:
        if self._producer is None:
            self._producer = self._make_producer()
            await self._producer.start()
        return self._producer

    async def _put_producer_away(self) -> None:
        """Between turns it holds nothing, so that cutting it off is always right."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)

    async def _lanes(self, producer: Producer, rows: Rows) -> dict[tuple[str, int], list[asyncpg.Record]]:
        """The rows by topic and partition, each in order."""
        lanes: dict[tuple[str, int], list[asyncpg.Record]] = defaultdict(list)
        sizes: dict[str, int] = {}
        for row in rows:
            topic = f"{self._prefix}{row['stream']}"
            if topic not in sizes:
                sizes[topic] = len(await producer.partitions_for(topic))
            lanes[topic, partition_of(row["key"], sizes[topic])].append(row)
        return lanes

    async def _send(self, producer: Producer, topic: str, partition: int, rows: Rows, acknowledged: list[int]) -> None:
        """Send one partition's rows, batch after batch: the next only when the one before is acknowledged."""
        start = 0
        while start < len(rows):
            batch, end = producer.create_batch(), start
            while end < len(rows) and _add(batch, rows[end]):
                end += 1
            batch.close()
            sent = await producer.send_batch(batch, topic, partition=partition)
            await asyncio.shield(sent)  # a time-out must not cancel what the producer still holds
            acknowledged.extend(row["seq"] for row in rows[start:end])
            start = end


def _add(batch: Batch, row: asyncpg.Record) -> bool:
    """Whether the batch had room. The record's time is when it was written down: retention never follows `time`."""
    moment = int(row["recorded_at"].timestamp() * 1000)
    added = batch.append(timestamp=moment, key=row["key"].encode(), value=row["payload"], headers=HEADERS)
    return added is not None
