"""How a figure is made. A part of the bench is a module `p<number>_<name>.py` here, with

    async def measure(bench: Bench) -> list[Figure]

in which sides take turns, each turn in a process of its own (one interpreter, uvloop), over its own store and topics:

    async def ours(dsn: str, kafka: str, prefix: str) -> Measures: ...      # runs in the child; JSON in, JSON out

    async def turn() -> Measures:
        async with bench.store("referral") as store, bench.topics(REFERRAL_EVENTS) as prefix:
            return await bench.alone(ours, dsn=store.app_url, kafka=bench.engines.kafka, prefix=prefix)

    runs = await bench.interleaved("P1", {"ours": turn, "peer": other_turn})
    return [runs.ratio("P1", "drain, over the peer", of="ours.rate", to="peer.rate", at_least=80)]

`bench.beside(function, …)` runs one until the block ends, for what has to be watched, asked or killed from outside, and
`bench.process(command)` does so for any command. `bench.some(200_000)` is that many at SCALE=1.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.embedded.process import spawn, stop, tail
from shared.backbone.topics import make_topics
from shared.events.streams import Stream
from shared.runtime.settings import ROOT
from tests.benchmarks.figures import Measures, Runs
from tests.engines import Addresses, Databases, Engines, remove_topics

Child = Callable[..., Awaitable[Measures | None]]
"""Takes what JSON can carry."""
Side = Callable[[], Awaitable[Measures]]


class SideFailed(Exception):
    """A process of the bench ended badly; the message carries the end of its log."""


@dataclass
class Bench:
    """What a part is given: the engines, how much and how often, and a folder for logs and raw results."""

    engines: Engines
    folder: Path
    scale: float = 1.0
    pairs: int = 5
    raw: dict[str, dict[str, list[Measures]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.databases = Databases(self.engines)

    def some(self, count: int, least: int = 1) -> int:
        """So many at full scale."""
        return max(least, round(count * self.scale))

    @asynccontextmanager
    async def store(self, service: str) -> AsyncIterator[Addresses]:
        """A fresh, migrated database of a service, gone afterwards."""
        made = await self.databases.fresh(service)
        try:
            yield made
        finally:
            await self.databases.drop(made)

    @asynccontextmanager
    async def topics(self, *streams: Stream) -> AsyncIterator[str]:
        """The prefix of topics made for these streams, gone afterwards."""
        prefix = f"b{uuid4().hex[:10]}."
        await make_topics(self.engines.kafka, prefix, streams=streams)
        try:
            yield prefix
        finally:
            await remove_topics(self.engines.kafka, prefix)

    async def alone(self, function: Child, **values: Any) -> dict[str, float]:
        """What `function` gives, run in a process of its own."""
        answer = self.folder / f"{uuid4().hex}.json"
        async with self.process(_command(function, values, answer)) as child:
            while child.poll() is None:  # noqa: ASYNC110 - a child ends without telling the loop
                await asyncio.sleep(0.02)
        if child.returncode != 0 or not answer.exists():
            raise SideFailed(f"{function.__module__}.{function.__name__}\n{tail(self.log)}")
        try:
            found: dict[str, float] = json.loads(answer.read_text())
            return found
        finally:
            answer.unlink()

    @asynccontextmanager
    async def beside(self, function: Child, **values: Any) -> AsyncIterator[subprocess.Popen[bytes]]:
        """`function` in a process of its own until the block ends."""
        async with self.process(_command(function, values, None)) as child:
            yield child

    @asynccontextmanager
    async def process(
        self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> AsyncIterator[subprocess.Popen[bytes]]:
        """A command of this interpreter's environment until the block ends; it ends with us however we end."""
        child = spawn(command, log=self.log, environment={**os.environ, **(environment or {})}, cwd=ROOT)
        try:
            yield child
        finally:
            await asyncio.to_thread(stop, child)

    @property
    def log(self) -> Path:
        return self.folder / "processes.log"

    async def interleaved(self, part: str, sides: Mapping[str, Side], pairs: int | None = None) -> Runs:
        """Every side once, and again, as often as PAIRS says: what the machine does meanwhile meets all alike."""
        runs = Runs({name: [] for name in sides})
        self.raw[part] = runs
        for turn in range(pairs or self.pairs):
            for name, side in sides.items():
                runs[name].append(await side())
                said = ", ".join(f"{key} {value:,.4g}" for key, value in runs[name][-1].items())
                print(f"  {part} turn {turn + 1}  {name}: {said}", file=sys.stderr, flush=True)
        return runs


def _command(function: Child, values: Mapping[str, Any], answer: Path | None) -> list[str | Path]:
    place = f"{function.__module__}:{function.__name__}"
    return [sys.executable, "-m", "tests.benchmarks.child", place, json.dumps(values), str(answer or "")]
