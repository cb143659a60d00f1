"""A notifications service on a fresh store."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.runtime.store import Store
from tests.engines import Addresses
from tests.services.notifications.stage import Stage


@pytest.fixture
async def stage(database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[Stage]:
    store = Store((await database("notifications")).app_url, "notifications")
    yield Stage(store)
    await store.close()
