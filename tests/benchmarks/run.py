"""`make bench [ONLY=P1,P4] [SCALE=0.1] [PAIRS=5] [PROFILE=1]`: every part in turn, one table at the end.

A figure that is not reached is said and no failure; a part that breaks is said and the others go on.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import sys
import time
import traceback
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from rich.console import Console
from rich.table import Table

from deploy.embedded.process import tail
from shared.events.streams import REFERRAL_EVENTS
from shared.runtime.settings import ROOT
from tests.benchmarks.figures import Figure, Spread
from tests.benchmarks.harness import Bench
from tests.benchmarks.surroundings import surroundings
from tests.engines import running

WARM_RECORDS = 100_000
REACHED = {True: "[green]reached[/]", False: "[yellow]not reached[/]", None: ""}


def parts(only: str) -> dict[str, str]:
    """The parts asked for, by name (`P1`), and the module of each."""
    found = {path.stem.partition("_")[0].upper(): path.stem for path in sorted(Path(__file__).parent.glob("p*_*.py"))}
    wanted = [name for name in only.upper().replace(",", " ").split() if name]
    if unknown := set(wanted) - set(found):
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(found)}.")
    return {name: found[name] for name in wanted or found}


async def warm(bench: Bench) -> None:
    """A broker that has just started is slow for its first hundred thousand records; nobody shall pay for that."""
    async with bench.topics(REFERRAL_EVENTS) as prefix:
        topic = REFERRAL_EVENTS.topic(prefix)
        async with AIOKafkaProducer(bootstrap_servers=bench.engines.kafka, acks="all", linger_ms=5) as producer:
            for start in range(0, WARM_RECORDS, 5000):
                sending = [await producer.send(topic, b"." * 300, key=b"%d" % n) for n in range(start, start + 5000)]
                await asyncio.gather(*sending)
        reading = AIOKafkaConsumer(topic, bootstrap_servers=bench.engines.kafka, auto_offset_reset="earliest")
        async with reading as consumer:
            seen = 0
            while seen < WARM_RECORDS:
                seen += sum(map(len, (await consumer.getmany(timeout_ms=500)).values()))


async def measure(bench: Bench, wanted: dict[str, str], notes: list[str]) -> list[Figure]:
    """The figures of all parts wanted, and how long each took."""
    await warm(bench)
    figures: list[Figure] = []
    try:
        for part, module in wanted.items():
            began = time.monotonic()
            try:
                figures += await importlib.import_module(f"tests.benchmarks.{module}").measure(bench)
            except Exception:  # noqa: BLE001 - the other parts can still be measured
                traceback.print_exc()
                print(tail(bench.log), file=sys.stderr)
                notes.append(f"{part} broke off: see above")
            notes.append(f"{part} took {time.monotonic() - began:.0f} s")
    finally:
        await bench.databases.close()
    return figures


def table(figures: list[Figure]) -> Table:
    """What is printed at the end."""
    made = Table("", "figure", "ours", "the other", "median (least–most)", "target", "", title="make bench")
    for figure in figures:
        sides = [str(side) if isinstance(side, Spread) else "" for side in (figure.of, figure.to)]
        verdict = REACHED[figure.reached]
        made.add_row(figure.part, figure.says, *sides, str(figure.value), figure.target or "", verdict)
    return made


def main() -> None:
    """Start the engines, measure, say what came of it."""
    parser = argparse.ArgumentParser(description="Measure the backbone beside its peers.")
    parser.add_argument("--only", default="", help="P1, or P1,P3")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of the events")
    parser.add_argument("--pairs", type=int, default=5, help="how often the sides take turns")
    parser.add_argument(
        "--profile", action="store_true", help="what each side spends its time on; figures mean nothing"
    )
    given = parser.parse_args()
    folder = ROOT / "build" / "bench" / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    if given.profile:
        os.environ["BENCH_PROFILE"] = str(folder)
    wanted, notes = parts(given.only), list[str]()
    with running() as engines, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        bench = Bench(engines, folder, given.scale, given.pairs)
        around = runner.run(surroundings(engines)) | {"scale": f"{given.scale:g}, {given.pairs} turns a side"}
        figures = runner.run(measure(bench, wanted, notes))
    said = {"surroundings": around, "figures": [asdict(f) for f in figures], "runs": bench.raw, "notes": notes}
    (folder / "bench.json").write_text(json.dumps(said, indent=1))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table(figures))
    for name, value in around.items():
        console.print(f"{name}: {value}", highlight=False, markup=False)
    console.print(
        f"{'; '.join(notes)}\nraw: {(folder / 'bench.json').relative_to(ROOT)}", highlight=False, markup=False
    )


if __name__ == "__main__":
    main()
