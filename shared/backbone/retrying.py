"""Tries again what could not be acted on, and after it, in order, what waited behind it."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from shared.backbone import parking
from shared.backbone.consumers import Consumers, Unreadable, handle
from shared.backbone.failures import is_transient
from shared.runtime.actor import system
from shared.runtime.logs import logger
from shared.runtime.store import Store, Tx

log = logger(__name__)

LONGEST_REST_S = 1.0


class Retries:
    """A service's retry ladder: `waits` are the seconds before each further try; after the last it stays parked."""

    def __init__(self, store: Store, consumers: Consumers, waits: Sequence[float]) -> None:
        """Nothing is tried before `retry_due`."""
        self._store, self._consumers, self._waits = store, consumers, waits

    async def retry_due(self) -> float:
        """Try all that is due, each in a transaction of its own; the seconds to rest then."""
        while self._consumers.streams and (await self.retry_next() or await self._queue_next()):
            pass
        return min([LONGEST_REST_S, *self._waits])

    async def _queue_next(self) -> bool:
        async with self._store.transaction(system(self._store.service)) as tx:
            return await parking.queue_what_is_due(tx, self._consumers.streams)

    async def retry_next(self) -> bool:
        """Try the one that is longest due; False when none is."""
        async with self._store.transaction(system(self._store.service)) as tx:
            row = await parking.next_due(tx, self._consumers.streams)
            if row is None:
                return False
            error = await self.try_once(tx, row)
            if error:
                await self.failed(tx, row, error)
        return True

    async def try_once(self, tx: Tx, row: RowMapping) -> Exception | None:
        """Act on what is put aside; what went wrong with the event, if anything did, and then nothing was done."""
        record = parking.record_of(row)
        try:
            async with tx.session.begin_nested():
                if work := self._consumers.read(record):
                    await handle(tx, work)
        except Exception as error:
            if is_transient(error):
                raise
            return error
        await parking.done(tx, row["id"])
        return None

    async def failed(self, tx: Tx, row: RowMapping, error: Exception) -> None:
        """It could not be acted on: when it is tried again, if it is."""
        tried = row["attempts"]
        last = row["next_at"] is None or tried >= len(self._waits) or isinstance(error, Unreadable)
        name = type(error).__name__
        await parking.try_later(tx, row["id"], name, None if last else self._waits[tried])
        ids = {"stream": row["stream"], "id": row["id"], "event_id": str(row["event_id"] or "")}
        log.warning("parked" if last else "put-aside-again", **ids, error=name)
