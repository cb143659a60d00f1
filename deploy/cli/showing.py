"""How the commands print: tables for people, what the network said for scripts."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from shared.door.words import ago
from shared.door.words import moment as in_words
from shared.runtime.clock import now

EVERY_S = 0.3
WIDE = 200


def print_json(said: Any) -> None:
    """What the network said, and nothing else."""
    if said is not None:
        typer.echo(json.dumps(said))


def plain(value: object) -> str:
    """A text that no terminal takes for a command: it may come from records that others made."""
    return "".join(c if c.isprintable() else " " for c in str(value))


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under their headings; numbers stand right. Where nobody's screen is narrow, nothing is broken into lines."""
    found = [list(row) for row in rows]
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=any(head), header_style="bold")
    for name, value in zip(head, found[0] if found else head, strict=True):
        right = isinstance(value, int) and not isinstance(value, bool)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in found:
        table.add_row(*(Text(_cell(value)) for value in row))
    if found:
        Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else plain(value)


def ago_of(moment: str | None) -> str:
    """How long ago an API's moment was."""
    return ago(datetime.fromisoformat(moment), now()) if moment else "not yet"


def seconds(value: float) -> str:
    """0.2 s, 45 s, 12 min, 3 h."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.0f} h"


def said_at(moment: str) -> str:
    """An API's moment as people say it: 20 November 2026 at 2:30pm."""
    return in_words(datetime.fromisoformat(moment))


def follow(totals: Mapping[str, int], look: Callable[[], Mapping[str, tuple[int, bool]]]) -> None:
    """Show how far each job has come, a bar each, until `look` says that all are done; it may be left and goes on."""
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as bars:
        tasks = {name: bars.add_task(name, total=total) for name, total in totals.items()}
        while True:
            now = look()
            for name, (done, _) in now.items():
                bars.update(tasks[name], completed=done)
            if all(ended for _, ended in now.values()):
                return
            time.sleep(EVERY_S)
