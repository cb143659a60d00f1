"""One side of a turn, in a process of its own: `python -m tests.benchmarks.child module:function '{…}' answer.json`.

With `BENCH_PROFILE` a folder, what the process spent its time on is written there when it ends.
"""

import asyncio
import cProfile
import importlib
import json
import os
import pstats
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvloop

LINES = 40


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Give the loop that every side has."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def until_told(work: Coroutine[Any, Any, Any]) -> Any:
    """As `work` gives it, or None when the process is asked to end."""
    doing = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, doing.cancel)
    with suppress(asyncio.CancelledError):
        return await doing


def profiled(work: Coroutine[Any, Any, Any], path: Path) -> Any:
    """Several times slower: to see what holds a side back, not how fast it is."""
    profile = cProfile.Profile()
    found = profile.runcall(run, until_told(work))
    with path.open("w") as file:
        pstats.Stats(profile, stream=file).sort_stats("tottime").print_stats(LINES)
    return found


def main() -> None:
    """Run the function and write down what it gives."""
    place, values, answer = sys.argv[1:]
    module, _, name = place.partition(":")
    work = getattr(importlib.import_module(module), name)(**json.loads(values))
    folder = os.environ.get("BENCH_PROFILE")
    path = Path(folder or "") / f"{module.rpartition('.')[2]}-{name}-{os.getpid()}.txt"
    found = profiled(work, path) if folder else run(work)
    if answer:
        Path(answer).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
