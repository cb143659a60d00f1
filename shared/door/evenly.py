"""Answers that take as long whatever was found on the way, so that how long they take tells nobody anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def evenly(seconds: float) -> AsyncIterator[None]:
    """At least so many seconds for what is done inside, done or refused; choose more than it ever takes."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    try:
        yield
    finally:
        await asyncio.sleep(begun + seconds - clock())
