"""One network for all system tests of a run: the carried borough without invented people."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.databases import SERVICES
from tests.engines import Databases, Engines, remove_topics
from tests.system.embedded import handover, hosted
from tests.system.journey import Network


@pytest.fixture(scope="session")
def network(engines: Engines, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """An open network with the carried borough in it."""
    folder: Path = tmp_path_factory.mktemp("network")
    prefix = f"s{uuid4().hex[:8]}."
    stores = {service: asyncio.run(databases.fresh(service)) for service in SERVICES}
    with hosted(handover(folder, engines, stores, prefix), "--empty") as opened:
        opened.import_carried()
        yield opened
    asyncio.run(remove_topics(engines.kafka, prefix))
    for addresses in stores.values():
        asyncio.run(databases.drop(addresses))
