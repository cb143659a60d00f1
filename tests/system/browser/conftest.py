"""One browser for all tests in it, over the carried borough."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.engines import Databases, Engines
from tests.needs import browser, pictures
from tests.system.browser.visitor import Visits
from tests.system.browser.world import World, filled
from tests.system.embedded import opened
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


@pytest.fixture(scope="session")
def world(network: Network, visits: Visits) -> World:
    """Cases in each state that a page can show."""
    made = filled(network)
    visits.hidden += [word for person in made.people for word in person.words]
    return made


@pytest.fixture(scope="module")
def empty_visits(
    chromium: Browser, engines: Engines, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visits]:
    """Browsers in a network where nothing has happened yet."""
    with opened(engines, databases, tmp_path_factory.mktemp("empty")) as network:
        yield Visits(chromium, network.url, pictures=pictures())
