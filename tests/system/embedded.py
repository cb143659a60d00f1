"""The embedded host over the test engines: a process of its own, stores and streams that nobody else uses."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from deploy.databases import SERVICES
from deploy.embedded.handover import Handover, StoreAddresses
from deploy.embedded.process import free_port
from tests.engines import Addresses, Databases, Engines, remove_topics
from tests.system.journey import Member, Network
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


def token(url: str, member: Member) -> str:
    """A demonstration person's token."""
    answer = httpx.post(f"{url}/sign-in/token", json={"person": member.subject}, timeout=20).raise_for_status()
    return str(answer.json()["access_token"])


def network(url: str) -> Network:
    """The embedded network at an address, with its own log-in."""
    return Network(url, lambda member: token(url, member))


def handover(folder: Path, engines: Engines, stores: dict[str, Addresses], prefix: str) -> Handover:
    """What the supervisor would hand over, for engines that run already."""
    addresses = {service: StoreAddresses(stores[service].owner_url, stores[service].app_url) for service in SERVICES}
    return Handover(folder, free_port(), engines.kafka, addresses, prefix)


@contextmanager
def hosted(given: Handover, *words: str) -> Iterator[Network]:
    """The host, open; stopped by SIGTERM, which it must obey."""
    given.data.mkdir(parents=True, exist_ok=True)
    log = given.data / "host.log"
    command = [sys.executable, "-m", "deploy.embedded.host", *words, str(given.write())]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as host:
        try:
            eventually(lambda: _open(given.base_url, host), f"the host is open; its log is {log}", 120)
            yield network(given.base_url)
        finally:
            host.send_signal(signal.SIGTERM)
            host.wait(30)


@contextmanager
def opened(engines: Engines, databases: Databases, folder: Path) -> Iterator[Network]:
    """An empty network with stores and streams of its own, gone afterwards."""
    prefix = f"s{uuid4().hex[:8]}."
    stores = {service: asyncio.run(databases.fresh(service)) for service in SERVICES}
    with hosted(handover(folder, engines, stores, prefix), "--empty") as network:
        yield network
    asyncio.run(remove_topics(engines.kafka, prefix))
    for addresses in stores.values():
        asyncio.run(databases.drop(addresses))


def _open(url: str, host: "subprocess.Popen[bytes]") -> bool:
    assert host.poll() is None, "the host ended"
    try:
        return all(httpx.get(f"{url}/{name}/health/ready", timeout=5).is_success for name in SERVICES)
    except httpx.TransportError:
        return False
