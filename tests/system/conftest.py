"""One network for all system tests of a run: the carried borough without invented people."""

from collections.abc import Iterator

import pytest

from tests.engines import Databases, Engines
from tests.system.embedded import opened
from tests.system.journey import Network


@pytest.fixture(scope="session")
def network(engines: Engines, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """An open network with the carried borough in it."""
    with opened(engines, databases, tmp_path_factory.mktemp("network")) as network:
        network.import_carried()
        yield network
