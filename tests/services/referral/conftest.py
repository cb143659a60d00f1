"""A referral store on the real database, with a small network in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from shared.door.doorway import Doorway
from shared.runtime.store import Store
from tests.callers import Callers
from tests.engines import Addresses
from tests.services.referral.doors import Door, app_on
from tests.services.referral.network import load_network


@pytest.fixture
async def store(database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[Store]:
    addresses = await database("referral")
    opened = Store(addresses.app_url, "referral", pool=4)
    await load_network(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def door(database: Callable[[str], Awaitable[Addresses]], tmp_path: Path) -> AsyncIterator[Door]:
    """The service's real app, with the small network in its store."""
    addresses, callers = await database("referral"), Callers(tmp_path)
    app = app_on(addresses.app_url, callers)
    store = doorway(app).store
    await load_network(store)
    yield Door(app, callers)
    await store.close()


def doorway(app: FastAPI) -> Doorway:
    found: Doorway = app.state.doorway
    return found
