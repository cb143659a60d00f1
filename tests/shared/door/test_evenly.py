"""What is done inside takes as long whatever it comes to."""

import asyncio
import contextlib

from shared.door.evenly import evenly


async def test_what_is_quick_what_is_slower_and_what_is_refused_take_the_same_time() -> None:
    clock, took = asyncio.get_running_loop().time, []
    for turns in (0, 50):
        begun = clock()
        async with evenly(0.2):
            for _ in range(turns):
                await asyncio.sleep(0)
        took.append(clock() - begun)
    begun = clock()
    with contextlib.suppress(LookupError):
        async with evenly(0.2):
            raise LookupError
    took.append(clock() - begun)
    assert min(took) >= 0.19
