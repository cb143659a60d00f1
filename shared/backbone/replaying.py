"""Tries again now what is put aside, as an operator chooses; or only says what would come of it."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping

from shared.backbone import parking
from shared.backbone.retrying import Retries
from shared.runtime.actor import system
from shared.runtime.store import Store, Tx

Result = Literal["acted", "failed", "waits", "early"]

_FITS = """
  (CAST(:ids AS bigint[]) IS NULL OR id = ANY(CAST(:ids AS bigint[])))
  AND (CAST(:stream AS text) IS NULL OR stream = CAST(:stream AS text))
  AND (CAST(:key AS text) IS NULL OR key = CAST(:key AS text))
  AND (CAST(:since AS timestamptz) IS NULL OR put_aside_at >= CAST(:since AS timestamptz))
  AND (CAST(:until AS timestamptz) IS NULL OR put_aside_at < CAST(:until AS timestamptz))
"""
_CHOSEN = f"""
SELECT stream, key, min(id) AS id FROM parked_event WHERE sequence IS NULL AND {_FITS}
GROUP BY stream, key ORDER BY id LIMIT :limit
"""  # noqa: S608 - conditions of our own
_EARLY = f"SELECT * FROM parked_event WHERE sequence IS NOT NULL AND {_FITS} ORDER BY id LIMIT :limit"  # noqa: S608
LIMIT = 1000  # keys at a time


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of what is parked: all that is given must hold. `since` and `until`: when it was put aside."""

    ids: Collection[int] | None = None
    stream: str | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one event, or would: acted on, failed with an error of this class, or waits for an earlier one.

    `early`: it is not its turn, and nothing was tried; a redrive of it goes on without what is missing.
    """

    id: int
    stream: str
    key: str
    event_id: UUID | None
    type: str | None
    result: Result
    error: str | None = None


class _Undo(Exception):
    """What was tried is taken back."""


async def replay(store: Store, retries: Retries, choice: Choice, *, dry_run: bool) -> list[Outcome]:
    """Try the chosen, and what waits behind each, key by key and in order, each key in a transaction of its own."""
    async with store.transaction(system(store.service)) as tx:
        ids = None if choice.ids is None else list(choice.ids)
        asked = {"stream": choice.stream, "key": choice.key, "since": choice.since, "until": choice.until}
        keys = await tx.rows(_CHOSEN, ids=ids, limit=LIMIT, **asked)
        outcomes = [_outcome(row, "early", None) for row in await tx.rows(_EARLY, ids=ids, limit=LIMIT, **asked)]
    for row in keys:
        with suppress(_Undo):
            async with store.transaction(system(store.service)) as tx:
                outcomes += await _key(tx, retries, row, keep=not dry_run)
                if dry_run:
                    raise _Undo
    return outcomes


async def _key(tx: Tx, retries: Retries, chosen: RowMapping, *, keep: bool) -> list[Outcome]:
    """All of one key from the chosen one on, until one fails; nothing when an earlier one that was not chosen waits."""
    rows = await parking.of_key(tx, chosen["stream"], chosen["key"])
    outcomes: list[Outcome] = []
    blocked = bool(rows) and rows[0]["id"] < chosen["id"]
    for row in rows:
        if row["id"] < chosen["id"]:
            continue
        error = None if blocked else await retries.try_once(tx, row)
        if error and keep:
            await retries.failed(tx, row, error)
        result: Result = "waits" if blocked else "failed" if error else "acted"
        outcomes.append(_outcome(row, result, type(error).__name__ if error else None))
        blocked = blocked or error is not None
    return outcomes


def _outcome(row: RowMapping, result: Result, error: str | None) -> Outcome:
    return Outcome(row["id"], row["stream"], row["key"], row["event_id"], row["type"], result, error)
