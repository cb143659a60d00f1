"""The table of faults: `python -m tests.faults.table [--only F3,F5] [-n 20] [--seed 7] [--long]`, or `make faults`.

Each fault is a module of this folder, `f03_two_relays.py`, that offers `EXPERIMENT`: a name, a title, and one function

    async def one_round(world: World, dice: Random, long: bool) -> Outcome

which the table plays n times, each with dice of its own, so that a seed repeats a run as far as the machine does.
A round goes about it like this:

- `async with world.stage() as stage:` gives streams under a prefix of its own, `await stage.bare("directory")` the
  settings of a service with a fresh store, `await stage.start(main, settings, **given)` a real process. All of it is
  gone after the round. `world.postgres` and `world.kafka` (deploy.embedded) may be killed and started as one likes,
  as long as they run again at the end of the round.
- `main` is `async def main(line, settings, **given)` in tests/faults/mains.py (a speaker, a listener, the referral API)
  or in the fault's own module. It tells its line `up`, then what it did; `Process` has `ask`, `hear`, `signal`, `kill`,
  `end`. A process stays alive only as long as its `main`, and ends with it.
- tests/faults/looking.py reads what streams and stores hold and waits until they have come to rest; `history_of` makes
  a `History` of it, and `judge` (tests/faults/checker.py) finds what was lost, doubled, reordered. What else must hold
  and does not is a `Finding(Fault.BROKEN, where, what)`. Figures of an `Outcome` are shown, never judged.
- Nothing judges time so that a slow machine fails: waits are bounded by `PATIENCE_S`, and say so when they run out.

A round takes under 10 seconds by default; `long` asks for the waits of the fault's own description (minutes).
"""

import argparse
import asyncio
import importlib
import pkgutil
import secrets
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random

from shared.runtime.logs import configure
from shared.runtime.settings import Settings
from tests.faults.checker import Fault, Finding
from tests.faults.experiment import Experiment, Outcome
from tests.faults.world import World, world

SHOWN = 8
"""How many of a fault's findings are told in full."""
ALWAYS = (Fault.LOST, Fault.DOUBLED, Fault.REORDERED)


def experiments() -> list[Experiment]:
    """All of this folder, by letter and number."""
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    ours = [name for name in names if name[0] in "fk" and name[1:3].isdigit()]
    found = [importlib.import_module(f"tests.faults.{name}").EXPERIMENT for name in ours]
    return sorted(found, key=lambda one: (one.name[0], int(one.name[1:])))


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.table", description="Play faults and judge them.")
    parser.add_argument("--only", type=lambda text: text.upper().split(","), metavar="F3,F5", help="these faults alone")
    parser.add_argument("-n", type=int, default=20, help="rounds of each fault (20)")
    parser.add_argument("--seed", type=int, help="repeats the dice of a run; random unless given")
    parser.add_argument("--long", action="store_true", help="the table's own waits: minutes instead of seconds")
    given = parser.parse_args(words)
    given.seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    return given


def chosen(all_: Sequence[Experiment], names: Sequence[str] | None) -> list[Experiment]:
    """Those named; exits when there is none of a name."""
    if unknown := set(names or ()) - {one.name for one in all_}:
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(one.name for one in all_)}.")
    return [one for one in all_ if not names or one.name in names]


def play(experiment: Experiment, world: World, given: argparse.Namespace) -> list[Outcome]:
    """All its rounds; one that ends in an error is broken, and its error is shown."""
    if experiment.all_rounds:
        return [_guarded(partial(experiment.all_rounds, given.seed, given.n), f"{experiment.name}")]
    outcomes: list[Outcome] = []
    for number in range(given.n):
        dice = Random(f"{given.seed} {experiment.name} {number}")
        once = partial(_one_round, experiment, world, dice, long=given.long)
        outcomes.append(_guarded(once, f"{experiment.name} round {number}"))
    return outcomes


def _one_round(experiment: Experiment, world: World, dice: Random, *, long: bool) -> Outcome:
    assert experiment.one_round is not None
    return asyncio.run(experiment.one_round(world, dice, long))


def _guarded(once: Callable[[], Outcome], name: str) -> Outcome:
    try:
        return once()
    except Exception as error:  # noqa: BLE001 - the other rounds are played all the same
        say(f"{name}: {''.join(traceback.format_exception(error))}")
        return Outcome([Finding(Fault.BROKEN, name, type(error).__name__)])


def line(experiment: Experiment, n: int, outcomes: Sequence[Outcome], seconds: float) -> str:
    """One line: what was lost, doubled and reordered, whatever else went wrong, the highest figures, the verdict."""
    counts = Counter(finding.fault for outcome in outcomes for finding in outcome.findings)
    wrong = [f"{fault}={counts[fault]}" for fault in Fault if fault in ALWAYS or counts[fault]]
    figures: dict[str, float] = {}
    for outcome in outcomes:
        figures |= {name: max(value, figures.get(name, value)) for name, value in outcome.figures.items()}
    shown = [f"{name}={round(value, 1):g}" for name, value in figures.items()]
    verdict = "NOT OK" if counts else "ok"
    return f"{experiment.name:3} {experiment.title:42} n={n} {' '.join([*wrong, *shown])} {verdict}  {seconds:.0f} s"


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - the table is what this is for


def main(words: Sequence[str] | None = None, all_: Sequence[Experiment] | None = None) -> int:
    """Play what is asked for; 1 when anything was not ok."""
    given = arguments(words)
    wanted = chosen(experiments() if all_ is None else all_, given.only)
    configure(Settings(log_level="CRITICAL"))  # what the processes say is in their own logs
    say(f"n={given.n} seed={given.seed}{' long' if given.long else ''}")
    good = True
    with world() as there:
        for experiment in wanted:
            began = time.monotonic()
            outcomes = play(experiment, there, given)
            say(line(experiment, given.n, outcomes, time.monotonic() - began))
            findings = [str(finding) for outcome in outcomes for finding in outcome.findings]
            for finding in findings[:SHOWN]:
                say(f"    {finding}")
            good = good and not findings
        there.keep = not good
    if not good:
        say(f"What the processes logged is kept in {there.folder}.")
    return 0 if good else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that all it started ends with it
    sys.exit(main())
