"""Waiting for another process: a bounded poll of a condition, never a pause that hopes."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 60.0


def eventually(check: Callable[[], T | None], words: str, seconds: float = PATIENCE_S) -> T:
    """What `check` gives once it is true; `words` say what was waited for."""
    until, pause = time.monotonic() + seconds, threading.Event()
    while not (found := check()):
        assert time.monotonic() < until, f"still not so after {seconds:.0f} s: {words}"
        pause.wait(0.05)
    return found
