"""One case in the small network."""

import pytest

from services.referral.domain.referral import Referral
from shared.runtime.store import Store
from tests.services.referral.cases.world import add_case, as_service


@pytest.fixture
async def case(store: Store) -> Referral:
    async with as_service(store) as tx:
        return await add_case(tx)
