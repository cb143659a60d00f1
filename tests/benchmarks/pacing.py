"""Doing things at a pace of their own, whatever they take: an open loop, as people are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from random import Random


async def at_pace(a_second: float) -> AsyncIterator[float]:
    """The moment of each turn, evenly spaced; who is late hurries until the pace is kept again."""
    due = time.monotonic()
    while True:
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        yield due
        due += 1 / a_second


def poisson(a_second: float, seconds: float, rng: Random) -> Iterator[float]:
    """Moments from nought: independent arrivals, in spells of two seconds with a second of quiet between them."""
    now = 0.0
    while (now := now + rng.expovariate(a_second)) < seconds:
        yield now + int(now / 2)
