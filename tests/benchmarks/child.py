"""One side of a turn, in a process of its own: `python -m tests.benchmarks.child module:function '{…}' answer.json`."""

import asyncio
import importlib
import json
import sys
from pathlib import Path

import uvloop


def main() -> None:
    """Run the function and write down what it gives."""
    place, values, answer = sys.argv[1:]
    module, _, name = place.partition(":")
    function = getattr(importlib.import_module(module), name)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(function(**json.loads(values)))
    if answer:
        Path(answer).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
