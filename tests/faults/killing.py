"""A whole network as `make run` starts it, but empty, that can be killed at any moment and started again."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.process import birth
from tests.deploy import running
from tests.waiting import eventually

OPEN_S = 180.0
"""How long a start may take on a busy machine before the test gives up; how long it took is printed, not judged."""


class Killable(running.Network):
    """One network over one folder, with the real host. `starts`: by life, the seconds until people were let in."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.lives = 0
        self.starts: dict[int, float] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        host = shlex.join([sys.executable, "-m", "deploy.embedded.host", "--empty"])
        words = ["--data", str(self.data), "--port", str(self.port), "--host", host]
        return [sys.executable, "-m", "deploy.embedded.supervisor", *words]

    def spawn(self) -> None:
        """Start it in a process group of its own, and wait for nothing."""
        self.lives += 1
        self.output = self.data.with_name(f"output.{self.lives}")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command, cwd=running.ROOT, stdout=output, stderr=subprocess.STDOUT, process_group=0
            )
        self.spawned = time.monotonic()

    def open(self) -> None:
        """Wait until it lets people in."""
        if self.lives not in self.starts:
            eventually(self._open, f"the network is open; it says in {self.output}", OPEN_S)
            self.starts[self.lives] = time.monotonic() - self.spawned

    def kill_everything(self) -> None:
        """The group and the engines, all with -9 and at once; at whatever point of a start they may be."""
        known: list[tuple[int, str]] = []
        with contextlib.suppress(FileNotFoundError):
            known = self.children()
        for pid, born in known:
            # What an earlier life left in the file is dead, and its number may be another's.
            if birth(pid) == born:
                os.kill(pid, signal.SIGKILL)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def network() -> Iterator[Killable]:
    """A running network over a new folder, which is kept for a look when the test fails.

    Not under pytest's own: a second pytest closes that folder to others, and as root PostgreSQL is such another.
    """
    place = Path(tempfile.mkdtemp(prefix="kith-kills-"))
    killable = Killable(place / "network")
    killable.spawn()
    try:
        killable.open()
        yield killable
    except BaseException as error:
        error.add_note(f"The network's folder is kept: {place}")
        raise
    else:
        killable.stop()
        shutil.rmtree(place)
    finally:
        killable.stop()
