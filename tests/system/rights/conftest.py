"""The four services in this process, made once; each test has stores of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.engines import Addresses
from tests.system.rights.house import House, build_house, furnish


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The apps: their routes and templates take longer to make than a test."""
    return build_house(tmp_path_factory.mktemp("identity"))


@pytest.fixture
async def house(built: House, database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[House]:
    """The apps on stores of this test's own, empty."""
    opened = await furnish(built, database)
    yield opened
    await opened.close()
