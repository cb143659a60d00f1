"""A directory on a fresh store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.directory.app import create
from shared.runtime import sealing
from shared.runtime.settings import Settings
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.engines import Addresses
from tests.services.directory.stage import Stage


@pytest.fixture
async def stage(database: Callable[[str], Awaitable[Addresses]], tmp_path: Path) -> AsyncIterator[Stage]:
    callers, (public, _) = Callers(tmp_path), sealing.new_pair()
    settings = Settings(
        service="directory",
        database_url=SecretStr((await database("directory")).app_url),
        issuer=ISSUER,
        jwks=callers.jwks,
        cookie_key=SecretStr(COOKIE_KEY),
        contact_public_key=public,
        embedded=True,
    )
    app = create(settings)
    stage = Stage(app, app.state.doorway.store, callers)
    yield stage
    await stage.store.close()
