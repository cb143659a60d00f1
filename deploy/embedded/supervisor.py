"""The one command: starts stores, broker and services in order, starts again what dies, stops it all."""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from deploy.databases import make
from deploy.embedded import folder
from deploy.embedded.handover import Handover, StoreAddresses
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from deploy.embedded.process import EngineFailed, answers, spawn, stop

ROOT = Path(__file__).resolve().parents[2]
HOST = (sys.executable, "-m", "deploy.embedded.host")
STARTS = 5
"""How often one part may be started again within `WINDOW` seconds before we give up."""
WINDOW = 120.0


class GaveUp(Exception):
    """A part died too often."""


@dataclass
class Supervisor:
    """One network over one folder; `host` is the command of the services' process, given the handover's path."""

    data: Path
    port: int
    host: Sequence[str]
    began: float = field(default_factory=time.monotonic)
    host_process: subprocess.Popen[bytes] | None = None
    deaths: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = folder.passwords(self.data)
        self.databases = folder.databases(known)
        self.postgres = Postgres(self.data, known["postgres"])
        self.kafka = Kafka(self.data)

    def say(self, what: str) -> None:
        print(f"{time.monotonic() - self.began:6.1f} s  {what}", flush=True)

    def start(self) -> None:
        """Both engines at once, then the host."""
        if left := folder.end_leftovers(self.data):
            self.say(f"Ended {left} processes that an earlier run had left")
        self.kafka.launch()
        self.remember()
        self.postgres.start()
        self.remember()
        asyncio.run(make(self.postgres.superuser, self.databases))
        self.say("PostgreSQL is up")
        self.kafka.wait()
        self.say("Apache Kafka is up")
        self.start_host()

    def start_host(self) -> None:
        handover = self.handover().write()
        self.host_process = spawn([*self.host, handover], log=None, cwd=ROOT)
        self.remember()

    def handover(self) -> Handover:
        server = self.postgres.superuser
        stores = {one.service: StoreAddresses(one.owner_url(server), one.app_url(server)) for one in self.databases}
        began = time.time() - (time.monotonic() - self.began)
        return Handover(self.data, self.port, self.kafka.bootstrap, stores, began=began)

    def remember(self) -> None:
        parts = (self.postgres.process, self.kafka.process, self.host_process)
        folder.remember(self.data, [part for part in parts if part])

    def watch(self) -> None:
        """Until asked to stop: start again, alone, whatever has died."""
        told = False
        while True:
            if not told and answers(self.port):
                told = True
                self.say(f"Kith is open at {self.handover().base_url} (Ctrl-C stops it)")
            self.mend("PostgreSQL", self.postgres.process, self.postgres.start)
            self.mend("Apache Kafka", self.kafka.process, self.kafka.start)
            self.mend("The services' process", self.host_process, self.start_host)
            time.sleep(0.2)

    def mend(self, name: str, process: subprocess.Popen[bytes] | None, start: Callable[[], None]) -> None:
        """Start a dead part again after a wait that grows with each death; too many deaths end the run."""
        if process is None or process.poll() is None:
            return
        deaths = [at for at in self.deaths.get(name, []) if at > time.monotonic() - WINDOW]
        if len(deaths) >= STARTS:
            raise GaveUp(f"{name} ended {len(deaths) + 1} times in {WINDOW:.0f} seconds; see the logs in {self.data}")
        self.deaths[name] = [*deaths, time.monotonic()]
        self.say(f"{name} ended by itself (code {process.returncode}): starting it again")
        time.sleep(min(0.5 * 2 ** len(deaths), 8))
        start()
        self.remember()

    def stop(self) -> None:
        """The host first: it may still write; the engines after it."""
        if self.host_process:
            stop(self.host_process)
        self.kafka.stop()
        self.postgres.stop()
        self.remember()
        self.say("Everything is stopped; what was recorded is kept")


def supervise(data: Path, port: int, host: Sequence[str]) -> None:
    """Run a network until asked to stop (Ctrl-C, SIGTERM, the terminal closed); the caller holds its folder."""
    on_request_to_stop(signal.default_int_handler)
    supervisor = Supervisor(data, port, host)
    try:
        supervisor.start()
        supervisor.watch()
    except KeyboardInterrupt:
        supervisor.say("Stopping")
    finally:
        on_request_to_stop(signal.SIG_IGN)
        supervisor.stop()


def on_request_to_stop(do: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """Said for each signal: a shell that starts us in the background has SIGINT ignored."""
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, do)


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the host will: an address that only waits out its last connections is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description="Run a whole Kith network on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="where it opens on 127.0.0.1 (8000)")
    parser.add_argument("--data", type=Path, default=ROOT / ".kith", help="the folder that keeps everything (.kith)")
    parser.add_argument("--host", default=shlex.join(HOST), help="the command of the services' process")
    parser.add_argument("--reset", action="store_true", help="remove everything that is kept, and start nothing")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> str | int:
    """What `sys.exit` takes: 0, or why there is no network."""
    given = arguments(words)
    # What people told us lies in this folder, in the engines' files too: for nobody else's eyes.
    os.umask(0o077)
    data = given.data.resolve()
    try:
        with folder.held(data):
            if given.reset:
                folder.end_leftovers(data)
                folder.clear(data)
                return 0
            if not port_is_free(given.port):
                return (
                    f"Port {given.port} is taken by another program. Name another one: make run PORT={given.port + 1}"
                )
            supervise(data, given.port, shlex.split(given.host))
    except folder.Taken as taken:
        return (
            f"A network already runs from {data} (process {taken}). Stop that one with Ctrl-C, "
            f"or give this one a folder and a port of its own: make run DATA=… PORT=…"
        )
    except (EngineFailed, GaveUp) as failed:
        return str(failed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
