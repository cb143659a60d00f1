"""The one hand that sends: it takes due messages one after another, and never lets a crash send one twice.

A message is recorded as `sending`, in a transaction of its own, before the mail server hears of it. Whoever becomes
the sender next finds those that were left so and marks them as not known to be sent.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifications.actions import sending
from services.notifications.mail import Mailer, Outcome
from shared.backbone.loop import wait_until
from shared.runtime.actor import system
from shared.runtime.clock import now
from shared.runtime.logs import logger
from shared.runtime.store import Store, engine

log = logger(__name__)

ACTOR = system("notifications")
IDLE_S = 1.0
NOTES = {
    Outcome.TAKEN: sending.note_sent,
    Outcome.REFUSED: sending.note_refused,
    Outcome.NOT_NOW: sending.note_put_off,
    Outcome.NOT_KNOWN: sending.note_unsure,
}
# Held by a session, so that it falls back by itself when its holder dies.
_WAIT_LONG = text("SET statement_timeout = 0")
_TAKE_TURN = text("SELECT pg_advisory_lock(hashtext('kith-notifications-sender'))")
_STILL_OURS = text("SELECT 1")


class Sender:
    """Sends what is due while it holds the sender's turn; replicas stand by."""

    def __init__(self, store: Store, mailer: Mailer, base_url: str) -> None:
        """Nothing connects until `run`."""
        self._store, self._mailer, self._base_url = store, mailer, base_url
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End after the message that is being sent."""
        self._stopping.set()

    async def run(self) -> None:
        """Run until stopped; the store or the mail server being away only makes it wait."""
        while not self._stopping.is_set():
            try:
                async with self._turn() as held:
                    await self._while_held(held)
            except Exception as error:  # noqa: BLE001 - the loop outlives what a turn met; every message is still there
                log.warning("sender-stalled", error=type(error).__name__)
                await wait_until(self._stopping, IDLE_S)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[AsyncConnection]:
        own = engine(self._store.url, pool=1)
        try:
            async with own.connect() as plain:
                yield await plain.execution_options(isolation_level="AUTOCOMMIT")
        finally:
            await own.dispose()

    async def _while_held(self, held: AsyncConnection) -> None:
        await held.execute(_WAIT_LONG)
        await held.execute(_TAKE_TURN)
        await self.recover()
        while not self._stopping.is_set():
            await held.execute(_STILL_OURS)  # a lost session has lost the turn: this raises
            if not await self.send_next():
                await wait_until(self._stopping, IDLE_S)

    async def recover(self) -> int:
        """Mark what an earlier sender left unfinished as not known to be sent; returns how many."""
        async with self._store.transaction(ACTOR) as tx:
            lost = await sending.lose_track_of_all(tx, now())
        if lost:
            log.warning("messages-not-known-to-be-sent", count=lost)
        return lost

    async def send_next(self) -> bool:
        """Move the next due message on, and send it when it is an email that is ready; False when none is due."""
        async with self._store.transaction(ACTOR) as tx:
            taken = await sending.take_next(tx, now(), self._base_url)
        if isinstance(taken, sending.Unready):
            async with self._store.transaction(ACTOR) as tx:
                await sending.let_wait(tx, taken.message_id, now())
        if not isinstance(taken, sending.Outgoing):
            return taken is not None
        # Outside any transaction: a slow mail server must not hold a connection of the store.
        outcome = await self._mailer.deliver(taken)
        async with self._store.transaction(ACTOR) as tx:
            await NOTES[outcome](tx, taken.message_id, now())
        say = log.debug if outcome is Outcome.TAKEN else log.info
        say("message-handed-over", message=str(taken.message_id), outcome=outcome)
        return True
