"""A store with a small network and one case in it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from services.referral.domain.referral import Referral
from shared.runtime.store import Store
from tests.engines import Addresses
from tests.services.referral.cases.world import add_case, add_network, as_service


@pytest.fixture
async def store(database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[Store]:
    made = Store((await database("referral")).app_url, "referral")
    yield made
    await made.close()


@pytest.fixture
async def case(store: Store) -> Referral:
    async with as_service(store) as tx:
        await add_network(tx)
        return await add_case(tx)
