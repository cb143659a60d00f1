"""Every service's migrations: numbered without a gap, one head, and nothing left to write after them."""

import re
from collections.abc import Awaitable, Callable

import pytest

from shared.runtime import migrations
from tests.engines import Addresses

SERVICES = ("referral", "directory", "notifications", "reporting")


@pytest.mark.parametrize("service", SERVICES)
def test_revisions_are_numbered_without_a_gap_and_have_one_head(service: str) -> None:
    names = sorted(path.name for path in migrations.folder(service).glob("[0-9]*.py"))
    numbers = [int(re.match(r"\d{4}", name).group()) for name in names]  # type: ignore[union-attr]
    assert numbers == list(range(1, len(names) + 1))
    assert len(migrations.heads(service)) == 1


@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrated_store_is_what_the_rows_describe(
    service: str, database: Callable[[str], Awaitable[Addresses]]
) -> None:
    addresses = await database(service)
    assert await migrations.differences(service, addresses.owner_url) == []
