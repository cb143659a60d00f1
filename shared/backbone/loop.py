"""What runs beside the requests: a turn of work, a rest, and again, until the service stops."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.runtime.logs import logger

log = logger(__name__)

AFTER_TROUBLE_S = 1.0


async def wait_until(woken: asyncio.Event, seconds: float) -> None:
    """Return when woken, or after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return


class Loop:
    """Turns until stopped; `turn` does what there is to do and says how many seconds it may rest."""

    def __init__(self, name: str, turn: Callable[[], Awaitable[float]]) -> None:
        """`name` is for the log."""
        self._name, self._turn = name, turn
        self._woken, self._stopping = asyncio.Event(), False

    def wake(self) -> None:
        """Turn again now, without resting to the end."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the turn under way, then let `run` return."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Whatever a turn meets (the store may be away), the next one begins anew."""
        while not self._stopping:
            self._woken.clear()
            rest = AFTER_TROUBLE_S
            try:
                rest = await self._turn()
            except Exception as error:  # noqa: BLE001 - what a turn left undone is still in the store
                log.warning("turn-failed", loop=self._name, error=type(error).__name__)
            if not self._stopping:
                await wait_until(self._woken, rest)
