"""Removes what is kept no longer: sent events, ids that were heard, answers once given. Little by little."""

import time

import asyncpg

EVERY_S = 3600.0
CHUNK = 1000  # so that what is to be sent never waits long for it


def _removing(table: str, moment: str, among: str = "") -> str:
    old = f"SELECT ctid FROM {among or table} WHERE {moment} < now() - make_interval(days => $1)"  # noqa: S608
    return f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({old} ORDER BY {moment} LIMIT {CHUNK}))"  # noqa: S608


# In their order: were a key's newest gone before its others, those could be sent again in its stead.
_FIRST_SENT = f"(SELECT ctid, sent_at FROM outbox_sent ORDER BY seq LIMIT {CHUNK}) first"  # noqa: S608


class Tidier:
    """For a relay that has nothing to send. Once an event's id is forgotten, its sequence still tells a repeat;
    a compacted stream, which has none, is only ever heard again whole."""

    def __init__(self, sent_days: int, inbox_days: int) -> None:
        """For how many days what was sent, and what was heard, is kept."""
        self._kept = (
            (_removing("outbox_sent", "sent_at", _FIRST_SENT), sent_days),
            (_removing("idempotency", "created_at"), sent_days),
            (_removing("inbox", "seen_at"), inbox_days),
        )
        self._done = float("-inf")

    async def turn(self, connection: asyncpg.Connection) -> None:
        """Remove a little of each; once nothing is left of it, look again in an hour."""
        if time.monotonic() - self._done < EVERY_S:
            return
        removed = [await connection.execute(statement, days) for statement, days in self._kept]
        if f"DELETE {CHUNK}" not in removed:
            self._done = time.monotonic()
