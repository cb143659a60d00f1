"""What every test may ask for: the engines, a store of its own, names of streams that nobody else uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import uuid4

import pytest

from tests.engines import Addresses, Databases, Engines, described, remove_topics, running


def pytest_report_header() -> str:
    return f"engines: {described()}"


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The real engines, started with the first test that needs them."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def databases(engines: Engines) -> Iterator[Databases]:
    made = Databases(engines)
    yield made
    asyncio.run(made.close())


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Callable[[str], Awaitable[Addresses]]]:
    """`await database("referral")`: a fresh, migrated database of that service, gone after the test."""
    taken: list[Addresses] = []

    async def take(service: str) -> Addresses:
        taken.append(await databases.fresh(service))
        return taken[-1]

    yield take
    for addresses in taken:
        await databases.drop(addresses)


@pytest.fixture
async def stream_prefix(engines: Engines) -> AsyncIterator[str]:
    """What this test puts before the name of every stream; its topics are deleted after it."""
    prefix = f"t{uuid4().hex[:10]}."
    yield prefix
    await remove_topics(engines.kafka, prefix)
