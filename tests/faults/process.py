"""A process to do harm to: it is really one, with a line to us over which it is told what to do and says what it did.

All are forked from one process that has imported the product, so that a start costs nothing but what it starts.
"""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvloop

from deploy.embedded.process import die_with
from shared.runtime.logs import configure
from shared.runtime.settings import Settings

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.mains"])
PATIENCE_S = 60.0
"""How long anything may take on a busy machine before it is given up."""


class Gone(Exception):
    """The process ended while something was asked of it."""


class Line:
    """A process's own end: the words it is told, one after another; `end` when it is asked to stop."""

    def __init__(self, end: Connection) -> None:
        self._end = end
        self._words: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        loop.add_reader(end.fileno(), self._read)
        loop.add_signal_handler(signal.SIGTERM, self._words.put_nowait, "end")

    def _read(self) -> None:
        try:
            self._words.put_nowait(self._end.recv())
        except (EOFError, OSError):
            os._exit(1)

    async def word(self) -> str:
        """The next that is asked."""
        return await self._words.get()

    def tell(self, kind: str, what: object = None) -> None:
        """Say something; a few kilobytes at most, or a kill could cut it in two."""
        self._end.send((kind, what))


Main = Callable[..., Awaitable[None]]


class Process:
    """One process, running `main(line, settings, **given)` of tests.faults.mains or of a fault's own module.

    `told` holds what it said, by kind, as it came: also after it was killed.
    """

    def __init__(self, main: Main, settings: Settings, log: Path, **given: object) -> None:
        ours, theirs = FORKS.Pipe()
        self.settings, self.log, self._end = settings, log, ours
        self._process = FORKS.Process(target=_begin, args=(main, theirs, log, settings, given), daemon=True)
        self._process.start()
        theirs.close()
        self.told: dict[str, list[Any]] = {}
        self._closed, self._news = asyncio.Event(), asyncio.Event()
        asyncio.get_running_loop().add_reader(ours.fileno(), self._read)

    def _read(self) -> None:
        try:
            while self._end.poll():
                kind, what = self._end.recv()
                self.told.setdefault(kind, []).append(what)
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._end.fileno())
            self._closed.set()
        self._news.set()

    async def hear(self, kind: str, seconds: float = PATIENCE_S) -> Any:
        """The first thing of a kind that it says, or has said and nobody took."""
        async with asyncio.timeout(seconds):
            while not self.told.get(kind):
                if self._closed.is_set():
                    raise Gone(f"before it said {kind!r}; its log is {self.log}")
                self._news.clear()
                await self._news.wait()
        return self.told[kind].pop(0)

    async def ask(self, word: str, seconds: float = PATIENCE_S) -> Any:
        """Have it do something, and hear what it answers."""
        self._end.send(word)
        return await self.hear(word, seconds)

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def kill(self) -> None:
        """With -9; returns when it is gone and its last words are read."""
        if not self._closed.is_set():
            self.signal(signal.SIGKILL)
        await self.ended()

    async def ended(self, seconds: float = PATIENCE_S) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        async with asyncio.timeout(seconds):
            await self._closed.wait()
        self._process.join(seconds)
        self._end.close()
        assert self._process.exitcode is not None
        return self._process.exitcode

    async def end(self, seconds: float = PATIENCE_S) -> float:
        """Ask it to stop, as a supervisor does; the seconds it took."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        await self.ended(seconds)
        return time.monotonic() - began


def _begin(main: Main, end: Connection, log: Path, settings: Settings, given: dict[str, object]) -> None:
    """What a process does first: die with us, write to its log alone, and leave Ctrl-C to us."""
    die_with(os.getppid(), signal.SIGKILL)()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    configure(settings)

    async def whole() -> None:
        await main(Line(end), settings, **given)

    uvloop.run(whole())
