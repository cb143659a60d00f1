"""A network's one folder: who holds it, what runs on it, and the passwords it was made with."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.databases import SERVICES, ServiceDatabase
from deploy.embedded.process import birth, end


class Taken(Exception):
    """Another run holds the folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder until the end, or refuse.

    Taken before any engine is started: a second broker on the same log breaks the first before it notices.
    The kernel lets go when we die, however we die.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Opened for appending: a refused second run must not wipe the first one's pid.
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Taken(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def remember(folder: Path, children: Iterable[subprocess.Popen[bytes]]) -> None:
    """Write down what runs, so that the next run can end what a killed one left."""
    running = [[child.pid, born] for child in children if (born := birth(child.pid))]
    _write(folder / "processes.json", json.dumps(running))


def end_leftovers(folder: Path) -> int:
    """End what an earlier run left alive here; how many there were. The caller holds the folder."""
    record = folder / "processes.json"
    try:
        running = json.loads(record.read_text())
    except FileNotFoundError:
        return 0
    record.unlink()
    return sum(end(pid, born) for pid, born in running)


def passwords(folder: Path) -> dict[str, str]:
    """The superuser's and each role's password, made once."""
    path = folder / "passwords.json"
    if not path.exists():
        names = ["postgres", *(f"{service}_{role}" for service in SERVICES for role in ("owner", "app"))]
        _write(path, json.dumps({name: secrets.token_urlsafe(24) for name in names}))
    known: dict[str, str] = json.loads(path.read_text())
    return known


def _write(path: Path, text: str) -> None:
    """All of it or nothing, readable by us alone."""
    half = path.with_suffix(".half")
    half.touch(0o600)
    half.write_text(text)
    half.replace(path)


def databases(known: dict[str, str]) -> list[ServiceDatabase]:
    """The four services' databases with their passwords."""
    return [ServiceDatabase(service, known[f"{service}_owner"], known[f"{service}_app"]) for service in SERVICES]


def clear(folder: Path) -> None:
    """Forget a network: everything it keeps is removed. The caller holds the folder."""
    for place in folder.iterdir():
        if place.is_dir():
            shutil.rmtree(place)
        elif place.name != "lock":
            place.unlink()
