"""Opens the four services over an empty network: first those that tell the past, then those that hear of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress

from fastapi import FastAPI

from deploy.embedded.living.filling import LOOK_S, Network, fill, settled
from deploy.embedded.living.mark import Mark
from services.referral.actions.keys import keys_from
from shared.backbone.running import Backbone
from shared.door.doorway import Doorway
from shared.runtime.clock import now

TELL = ("referral", "directory")


async def open_all(services: Mapping[str, FastAPI], running: AsyncExitStack) -> None:
    """Run the four apps until `running` ends."""
    for app in services.values():
        await running.enter_async_context(app.router.lifespan_context(app))


async def open_filled(
    services: Mapping[str, FastAPI], running: AsyncExitStack, mark: Mark, say: Callable[[str], None]
) -> None:
    """Likewise, and fill them. Reporting has heard all when this ends; the messages of the past go out after that,
    while people already look around: nobody waits for some hundred emails."""
    doors = {name: _doorway(app) for name, app in services.items()}
    for door in doors.values():
        door.backbone.hold_timers()
    await open_all({name: services[name] for name in TELL}, running)
    referral, directory = (doors[name] for name in TELL)
    backbones = [referral.backbone, directory.backbone]
    network = Network(referral.store, directory.store, keys_from(referral.settings), backbones)
    await fill(network, mark.begin(now()), say)
    await open_all({"reporting": services["reporting"]}, running)
    for door in doors.values():
        door.backbone.start_timers()
    await _fired(directory.backbone)
    await settled([*backbones, doors["reporting"].backbone])
    say("Reporting has counted everything")
    await open_all({"notifications": services["notifications"]}, running)
    mark.complete()


def _doorway(app: FastAPI) -> Doorway:
    found: Doorway = app.state.doorway
    return found


async def _fired(backbone: Backbone) -> None:
    """Until everything that fell due in the past has been acted on."""
    while (await backbone.status()).timers_due:  # noqa: ASYNC110 - the store knows, and tells nobody
        await asyncio.sleep(LOOK_S)


async def unless(stopping: Callable[[], bool], work: Awaitable[None]) -> None:
    """Do the work, and give it up when asked to stop: uvicorn itself would finish opening first."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done() and not stopping():
            await asyncio.wait([task], timeout=LOOK_S)
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    if not task.cancelled():
        await task
