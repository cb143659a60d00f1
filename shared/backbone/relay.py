"""Carries what was recorded to those who wait for it: in order per key, at least once, and never lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg

from shared.backbone import republishing
from shared.backbone.loop import wait_until
from shared.backbone.producer import Producer
from shared.backbone.sending import COLUMNS, Rows, Sender
from shared.backbone.tidying import Tidier
from shared.runtime.logs import logger

log = logger(__name__)

BATCH = 2000
POLL_S = 1.0
AGAIN_S = 30.0  # how long what is new has its turn when a window cannot be sent again
MANY, GATHER_S = 5, 0.01  # when so many came during one turn, more are let gather: a turn costs the writers something
BURST_S = 0.005  # the leader is told of commits elsewhere no more often than this
LOCK = 0x6B697468  # "kith": one relay per database
CHANNEL = "outbox"

_LOCK = "SELECT pg_try_advisory_lock($1)"
# The store waits for a leader that is stopped or cut off, either for its next statement or for it to take an answer.
_END_SILENT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid)
WHERE datname = current_database() AND locktype = 'advisory' AND objid = $1 AND granted
    AND wait_event_type = 'Client' AND state_change < clock_timestamp() - make_interval(secs => $2)
"""
_TELL = f"NOTIFY {CHANNEL}"
# By state, not by a cursor: a slow transaction commits a low number late, and must not be passed over.
_OLDEST = f"SELECT {COLUMNS} FROM outbox ORDER BY seq LIMIT {BATCH}"  # noqa: S608
# The oldest after those that are under way: those are all that lie before $1, or a slow transaction has put another
# there meanwhile, which has its turn first.
_AFTER = f"""
SELECT {COLUMNS} FROM outbox WHERE seq > $1 AND (SELECT count(*) FROM outbox WHERE seq <= $1) = $2
ORDER BY seq LIMIT {BATCH}
"""  # noqa: S608
_ARCHIVE = """
WITH sent AS (DELETE FROM outbox WHERE seq = ANY($1::bigint[]) RETURNING seq, stream, key, payload, recorded_at)
INSERT INTO outbox_sent (seq, stream, key, payload, recorded_at) SELECT * FROM sent
"""


class Relay:
    """One service's relay; of several processes of the service the one that holds the store's lock works."""

    def __init__(
        self,
        dsn: str,
        make_producer: Callable[[], Producer],
        *,
        prefix: str = "",
        sent_days: int = 7,
        inbox_days: int = 30,
        idle_s: float = 10.0,
    ) -> None:
        """`dsn` is the store's address for asyncpg, past any pooler; nothing connects before `run`.

        `idle_s`: after how long without a sign of life another process may take over.
        """
        self._dsn = dsn.replace("+asyncpg", "", 1)
        self._sender = Sender(make_producer, prefix=prefix)
        self._tidier = Tidier(sent_days, inbox_days)
        self._idle_s = idle_s
        self._woken, self._stopping = asyncio.Event(), asyncio.Event()
        self._ask_at = float("-inf")
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
        """A session of the store's own, which holds the lock and runs the statements: who loses it can do neither.

        Another relay may send from the moment it is lost on, so whatever is done in it is broken off then.
        """
        # No flush of its own: what a store that dies forgets of this session's is only sent, or told, once more.
        told = {"statement_timeout": "15000", "synchronous_commit": "off", "application_name": "kith relay"}
        connection = await asyncpg.connect(self._dsn, timeout=5, command_timeout=20, server_settings=told)
        try:
            async with asyncio.timeout(None) as life:
                connection.add_termination_listener(lambda _: _end(life))
                yield connection
        finally:
            try:
                await self._sender.put_away()
            finally:
                connection.terminate()  # not close(): a broken session would wait for an answer

    async def _stand_by(self, connection: asyncpg.Connection) -> None:
        """Wait for the lock, while another process holds it."""
        while not self._stopping.is_set() and not await connection.fetchval(_LOCK, LOCK):
            self._last_turn = time.monotonic()
            await connection.execute(_END_SILENT, LOCK, self._idle_s)
            await self._tell_leader(connection)

    async def _tell_leader(self, connection: asyncpg.Connection) -> None:
        """Until the next try for the lock, tell the leader of what this process commits: off its writers' path."""
        until = time.monotonic() + POLL_S
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            await wait_until(self._woken, left)
            if self._woken.is_set():
                self._woken.clear()
                await connection.execute(_TELL)
                await asyncio.sleep(BURST_S)

    async def _carry(self, connection: asyncpg.Connection) -> None:
        await connection.add_listener(CHANNEL, lambda *_: self._woken.set())
        self.active = True
        while not self._stopping.is_set():
            self._woken.clear()
            await self._send_again(connection)
            sent = await self.turn(connection)
            if sent >= MANY:
                await asyncio.sleep(GATHER_S)
            if sent < BATCH and not self._woken.is_set():  # whatever came since has woken it
                await self._tidier.turn(connection)
                await wait_until(self._woken, POLL_S)

    async def turn(self, connection: asyncpg.Connection) -> int:
        """Publish the oldest rows and move them to the archive; how many. No transaction is open while sending.

        While one batch travels, the one before is archived and the next is fetched; that travels when all of this one
        is acknowledged, so that order holds. No row goes twice in a turn.
        """
        until, count, before, sent = time.monotonic() + POLL_S, 0, list[int](), list[int]()
        rows = await connection.fetch(_OLDEST)
        try:
            while rows:
                before, sent = sent, []
                more = len(rows) == BATCH and time.monotonic() < until and not self._stopping.is_set()
                work = self._sender.send(rows, sent), self._archive_and_fetch(connection, before, rows if more else [])
                failed, fetched = await asyncio.gather(*work, return_exceptions=True)
                for error in (failed, fetched):
                    if isinstance(error, BaseException):
                        raise error
                count, rows = count + len(rows), fetched
        finally:  # together: were only the later batch archived, the earlier would go again after it
            await self.archive(connection, before + sent)
        self._last_turn = time.monotonic()
        return count

    async def _archive_and_fetch(self, connection: asyncpg.Connection, sent: list[int], under_way: Rows) -> Rows:
        """The rows that come after those under way; none when nothing is to follow them in this turn."""
        await self.archive(connection, sent)
        sent.clear()
        return await connection.fetch(_AFTER, under_way[-1]["seq"], len(under_way)) if under_way else []

    async def archive(self, connection: asyncpg.Connection, seqs: list[int]) -> None:
        """Move acknowledged rows out of the outbox; should we or the store die about then, they go again, which readers
        drop by id."""
        if seqs:
            await connection.execute(_ARCHIVE, seqs)
            self.sent += len(seqs)

    async def _send_again(self, connection: asyncpg.Connection) -> None:
        """Send again what was asked for, before anything new: the two never mix on the wire, unless it cannot be sent.

        It is asked for from time to time only.
        """
        if time.monotonic() < self._ask_at:
            return
        try:
            while not self._stopping.is_set() and await republishing.send_next(connection, self._sender.send):
                self._last_turn = time.monotonic()
            self._ask_at = time.monotonic() + POLL_S
        except Exception as error:  # noqa: BLE001 - whatever it was: it must not hold up what is new
            log.warning("republish-stalled", error=type(error).__name__)
            self._ask_at = time.monotonic() + AGAIN_S


def _end(life: asyncio.Timeout) -> None:
    with suppress(RuntimeError):  # it has ended already
        life.reschedule(0)
