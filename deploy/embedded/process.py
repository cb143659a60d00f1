"""The programs a network stands on: started so that none outlives us, and ended so that none is left behind."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 10.0
"""Seconds between asking a process to stop and ending it."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class EngineFailed(Exception):
    """An engine did not start; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a child runs as: PostgreSQL refuses to run as root."""

    uid: int
    gid: int


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    death: signal.Signals = signal.SIGKILL,
    cwd: Path | str = "/",
) -> subprocess.Popen[bytes]:
    """Start a child that the kernel ends with `death` when we die, its output in `log` (None: ours).

    It leads a process group of its own, so that Ctrl-C reaches us alone and things stop in order.
    """
    if threading.current_thread() is not threading.main_thread():
        # The death signal belongs to the thread that spawned: a pool's thread ends and takes the engine with it.
        raise RuntimeError("spawn from the main thread")
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            [os.fspath(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            cwd=cwd,
            env=None if environment is None else dict(environment),
            process_group=0,
            # Python changes the user before it calls preexec_fn; the other way round would clear the death signal.
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with(os.getpid(), death),  # noqa: PLW1509 - two system calls, and we are single-threaded
        )
    finally:
        if output:
            output.close()


def die_with(parent: int, death: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes the engine. Elsewhere than on Linux the next start ends what was left."""

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0)
            if os.getppid() != parent:
                # We died between fork and prctl: nobody would tell this child any more.
                os._exit(1)

    return ask


def run(command: Sequence[str | Path], *, log: Path, account: Account | None = None) -> None:
    """Run a set-up step to its end; a failure says what its log says."""
    child = spawn(command, log=log, account=account)
    if child.wait() != 0:
        raise EngineFailed(f"{Path(command[0]).name} failed:\n{tail(log)}")


def stop(child: subprocess.Popen[bytes], ask: signal.Signals = signal.SIGTERM, patience: float = PATIENCE) -> None:
    """Ask, wait, then end: a broker has been seen to ignore the asking for ten minutes."""
    if child.poll() is not None:
        return
    child.send_signal(ask)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def until(ready: Callable[[], bool], child: subprocess.Popen[bytes], *, name: str, log: Path, seconds: float) -> None:
    """Wait for `ready`, at most `seconds`; a child that ends or stays silent is an `EngineFailed`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None:
            raise EngineFailed(f"{name} ended while starting:\n{tail(log)}")
        if time.monotonic() > deadline:
            stop(child)
            raise EngineFailed(f"{name} was not ready after {seconds:.0f} seconds:\n{tail(log)}")
        time.sleep(0.05)


def birth(pid: int) -> str | None:
    """When the process of this pid was born, on this boot of the machine; None if there is none (or it is ended).

    A pid alone proves nothing: the next process may have been given it.
    """
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if after_name[0] == "Z" else f"{boot}/{after_name[19]}"


def end(pid: int, born: str, patience: float = PATIENCE) -> bool:
    """End a process left by an earlier run, asking first; False if it was gone, or the pid is another's by now."""
    if birth(pid) != born:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while birth(pid) == born:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    return True


def tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A loopback port nobody holds, outside the range the kernel hands to outgoing connections."""
    while True:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0 and _binds(port):
                return port


def _binds(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
