"""One browser for all tests in it, over the carried borough."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.needs import browser, pictures
from tests.system.browser.visitor import Visits
from tests.system.journey import Network

QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser; skipped with a reason where there is none."""
    path = browser()
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=list(QUIET), timeout=120_000)
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def visits(chromium: Browser, network: Network) -> Visits:
    """Browsers for anybody in the carried borough."""
    return Visits(chromium, network.url, pictures=pictures())
