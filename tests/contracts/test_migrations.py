"""A service's tables are exactly those that its revisions make, in one line of revisions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from deploy.databases import SERVICES
from shared.runtime import migrations
from tests.engines import Addresses


@pytest.mark.parametrize("service", SERVICES)
async def test_revisions_make_the_tables_that_the_rows_describe(
    service: str, database: Callable[[str], Awaitable[Addresses]]
) -> None:
    fresh = await database(service)
    assert await migrations.differences(service, fresh.owner_url) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_one_newest_revision(service: str) -> None:
    assert len(migrations.heads(service)) == 1
