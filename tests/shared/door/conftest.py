"""A service behind the real door, asked over ASGI."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shared.runtime.settings import Settings
from tests.shared.door.fixture_app import BASE, Provider, StillBackbone, make_app, settings


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    return Provider(tmp_path)


@pytest.fixture
def told(tmp_path: Path, provider: Provider) -> Settings:
    return settings(tmp_path, provider)


@pytest.fixture
def backbone() -> StillBackbone:
    return StillBackbone()


@pytest.fixture
async def client(told: Settings, backbone: StillBackbone) -> AsyncIterator[httpx.AsyncClient]:
    # An unforeseen error is answered as well as raised: what is answered is what we test.
    transport = httpx.ASGITransport(make_app(told, backbone), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as asking:
        yield asking
