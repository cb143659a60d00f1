"""Things that fall due: a reply owed, a reminder. Each is a row, and each is acted on once."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.backbone.failures import is_transient
from shared.runtime.actor import system
from shared.runtime.logs import logger
from shared.runtime.store import Store, Tx

log = logger(__name__)

LONGEST_SLEEP_S = 5.0  # another process may have set a nearer one
LONGEST_WAIT_S = 3600

_SET = """
INSERT INTO timer (kind, subject, due, fire_at, data) VALUES (:kind, :subject, :due, :due, CAST(:data AS jsonb))
ON CONFLICT (kind, subject) DO UPDATE
SET due = excluded.due, fire_at = excluded.fire_at, data = excluded.data, attempts = 0
RETURNING 1
"""
_CANCEL = "DELETE FROM timer WHERE kind = :kind AND subject = :subject RETURNING 1"
# Kinds nobody handles stay: a newer release beside this one may.
_NEXT = """
SELECT kind, subject, due, data, attempts FROM timer
WHERE fire_at <= clock_timestamp() AND kind = ANY(:kinds) ORDER BY fire_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LATER = """
UPDATE timer SET attempts = attempts + 1, fire_at = clock_timestamp() + make_interval(secs => :wait)
WHERE kind = :kind AND subject = :subject RETURNING 1
"""
_SLEEP = "SELECT extract(epoch FROM min(fire_at) - clock_timestamp()) AS seconds FROM timer WHERE kind = ANY(:kinds)"


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that has fallen due; `due` is when it was owed, however late it is acted on."""

    kind: str
    subject: UUID
    due: datetime
    data: Mapping[str, str]


TimerHandler = Callable[[Tx, Timer], Awaitable[None]]


async def set_timer(tx: Tx, kind: str, subject: UUID, due: datetime, data: Mapping[str, str] | None = None) -> None:
    """Set the timer of a kind and subject, replacing what was set before; it fires at `due` or soon after."""
    await tx.rows(_SET, kind=kind, subject=subject, due=due, data=json.dumps(dict(data or {})))
    tx.recorded += 1  # so that the loop is woken after the commit


async def cancel_timer(tx: Tx, kind: str, subject: UUID) -> None:
    """Take a timer back; nothing happens when there is none."""
    await tx.rows(_CANCEL, kind=kind, subject=subject)


class Timers:
    """What a service does when something falls due, by kind."""

    def __init__(self) -> None:
        """Nothing is handled until `on` says so."""
        self._handlers: dict[str, TimerHandler] = {}

    def on(self, kind: str) -> Callable[[TimerHandler], TimerHandler]:
        """Handle timers of a kind, in a transaction that also removes the timer: exactly once in effect."""

        def register(handler: TimerHandler) -> TimerHandler:
            if kind in self._handlers:
                raise ValueError(f"timer {kind} has a handler already")
            self._handlers[kind] = handler
            return handler

        return register

    @property
    def kinds(self) -> list[str]:
        """The kinds that this service acts on."""
        return list(self._handlers)

    async def fire_due(self, store: Store) -> float:
        """Act on all that is due, one after another; the seconds until the next, or until it is time to look again."""
        while await self.fire_next(store):
            pass
        async with store.transaction(system(store.service)) as tx:
            row = (await tx.rows(_SLEEP, kinds=self.kinds))[0]
        seconds = LONGEST_SLEEP_S if row["seconds"] is None else float(row["seconds"])
        return min(max(seconds, 0.0), LONGEST_SLEEP_S)

    async def fire_next(self, store: Store) -> bool:
        """Act on the timer that is longest due, in one transaction; False when none is due.

        One that fails stays, with a growing wait, and holds up no other; when the store is in trouble all wait.
        """
        async with store.transaction(system(store.service)) as tx:
            found = await tx.rows(_NEXT, kinds=self.kinds)
            if not found:
                return False
            row = found[0]
            await self._fire(tx, Timer(row["kind"], row["subject"], row["due"], row["data"]), row["attempts"])
            return True

    async def _fire(self, tx: Tx, timer: Timer, attempts: int) -> None:
        try:
            async with tx.session.begin_nested():
                await cancel_timer(tx, timer.kind, timer.subject)  # first, so that the handler may set it anew
                await self._handlers[timer.kind](tx, timer)
        except Exception as error:
            if is_transient(error):
                raise
            wait = min(5**attempts, LONGEST_WAIT_S)
            log.warning("timer-failed", kind=timer.kind, subject=str(timer.subject), error=type(error).__name__)
            await tx.rows(_LATER, kind=timer.kind, subject=timer.subject, wait=wait)
