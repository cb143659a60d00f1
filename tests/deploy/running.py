"""A network started as a person starts it, with a host that only answers, so that the tests can kill it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.embedded.handover import Handover
from deploy.embedded.process import answers, birth, free_port
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
HOST = """
import http.server, json, sys
port = json.load(open(sys.argv[1]))["port"]
http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler).serve_forever()
"""


class Network:
    """One `make run` over a folder."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        self.output = data.with_suffix(".output")

    @property
    def command(self) -> list[str]:
        host = shlex.join([sys.executable, "-c", HOST])
        words = ["--data", str(self.data), "--port", str(self.port), "--host", host]
        return [sys.executable, "-m", "deploy.embedded.supervisor", *words]

    def start(self) -> float:
        """Start it in a process group of its own; the seconds until it was open."""
        began = time.monotonic()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, process_group=0
            )
        eventually(self._open, "the network is open", 60)
        return time.monotonic() - began

    def _open(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        return "Kith is open" in self.output.read_text()

    def refused(self, *more: str) -> str:
        """Start a second one beside what is there; what it says when it gives up."""
        done = subprocess.run([*self.command, *more], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 1
        return done.stderr

    def children(self) -> list[tuple[int, str]]:
        """The pid and birth of PostgreSQL, Kafka and the host, in this order."""
        return [(pid, born) for pid, born in json.loads((self.data / "processes.json").read_text())]

    @property
    def handover(self) -> Handover:
        return Handover.read(self.data)

    def kill_supervisor(self) -> None:
        self.process.kill()
        self.process.wait()

    def kill_everything(self) -> None:
        """The group and the engines, all with -9 and at once."""
        for pid, _ in self.children():
            os.kill(pid, signal.SIGKILL)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """As Ctrl-C does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(40)

    def answers(self) -> bool:
        return answers(self.port)


@contextmanager
def started() -> Iterator[Network]:
    """A running network over a new folder.

    Not under pytest's own: a second pytest closes that folder to others, and as root PostgreSQL is such another.
    """
    with TemporaryDirectory(prefix="kith-test-") as place:
        network = Network(Path(place) / "network")
        network.start()
        try:
            yield network
        finally:
            network.stop()


def gone(children: list[tuple[int, str]]) -> bool:
    return all(birth(pid) != born for pid, born in children)
