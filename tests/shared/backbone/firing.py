"""A process that does nothing but fire timers: `python -m tests.shared.backbone.firing STORE`."""

import asyncio
import os
import sys

from shared.backbone.timers import Timer, Timers
from shared.runtime.actor import system
from shared.runtime.store import Store, Tx

# Slow enough that a kill finds a handler at work.
MARK = "INSERT INTO effect (key, sequence) SELECT :key, :process FROM pg_sleep(0.005) RETURNING 1"


async def fire(url: str) -> None:
    """Fire until killed; each leaves the process's id behind, and so does its start."""
    store, timers = Store(url, "directory"), Timers()

    @timers.on("reply")
    async def leave_a_mark(tx: Tx, timer: Timer) -> None:
        await tx.rows(MARK, key=str(timer.subject), process=os.getpid())

    async with store.transaction(system("directory")) as tx:
        await tx.rows(MARK, key="up", process=os.getpid())
    while True:
        await timers.fire_due(store)
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(fire(sys.argv[1]))
