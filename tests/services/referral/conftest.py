"""A referral store on the real database, with a small network in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from shared.door.doorway import open_door
from shared.runtime.store import Store
from tests.callers import Callers
from tests.engines import Addresses
from tests.services.referral.doors import Door, app_on, doorway
from tests.services.referral.network import load_network


@pytest.fixture
async def store(database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[Store]:
    addresses = await database("referral")
    opened = Store(addresses.app_url, "referral", pool=4)
    await load_network(opened)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """The service's real app, made once: its routes and templates take longer than a test."""
    callers = Callers(tmp_path_factory.mktemp("identity"))
    return Door(app_on("postgresql+asyncpg://nowhere/none", callers), callers)


@pytest.fixture
async def door(made: Door, store: Store) -> Door:
    """The app on a store of this test's own, with the small network in it."""
    open_door(made.app, replace(doorway(made.app), store=store))
    return made
