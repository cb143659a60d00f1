"""A reporting service on a fresh store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.reporting.app import create
from shared.runtime.settings import Settings
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.engines import Addresses
from tests.services.reporting.desk import Desk


@pytest.fixture
async def desk(database: Callable[[str], Awaitable[Addresses]], tmp_path: Path) -> AsyncIterator[Desk]:
    addresses, callers = await database("reporting"), Callers(tmp_path)
    settings = Settings(
        service="reporting",
        database_url=SecretStr(addresses.app_url),
        issuer=ISSUER,
        jwks=callers.jwks,
        cookie_key=SecretStr(COOKIE_KEY),
        embedded=True,
    )
    made = Desk(create(settings), callers)
    yield made
    await made.store.close()
