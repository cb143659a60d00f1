"""A referral store on the real database, with a small network in it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.runtime.store import Store
from tests.engines import Addresses
from tests.services.referral.network import load_network


@pytest.fixture
async def store(database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[Store]:
    addresses = await database("referral")
    opened = Store(addresses.app_url, "referral", pool=4)
    await load_network(opened)
    yield opened
    await opened.close()
