"""The real PostgreSQL and Kafka that the tests run on, and a store of its own for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient

from deploy.databases import ServiceDatabase, drop, make
from shared.runtime import migrations

PASSWORD = "kith"


@dataclass(frozen=True, slots=True)
class Engines:
    """Where they are: a superuser's URL, and a bootstrap address."""

    postgres: str
    kafka: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """A migrated database of a test's own, for SQLAlchemy."""

    name: str
    owner_url: str
    app_url: str


def described() -> str:
    """Which engines a run uses, for its header."""
    if "KITH_TEST_POSTGRES" in os.environ and "KITH_TEST_KAFKA" in os.environ:
        return "PostgreSQL and Kafka at the addresses in KITH_TEST_POSTGRES and KITH_TEST_KAFKA"
    if os.environ.get("KITH_TEST_ENGINES") == "docker":
        return "postgres:18 and apache/kafka:4.3.1 in containers (KITH_TEST_ENGINES=docker)"
    return "embedded PostgreSQL 18 and Apache Kafka 4.3.1 (from packages)"


@contextmanager
def running() -> Iterator[Engines]:
    """The engines for a whole run: those named, containers when asked for, else the embedded two."""
    with ExitStack() as ends:
        if "KITH_TEST_POSTGRES" in os.environ and "KITH_TEST_KAFKA" in os.environ:
            yield Engines(os.environ["KITH_TEST_POSTGRES"], os.environ["KITH_TEST_KAFKA"])
        elif os.environ.get("KITH_TEST_ENGINES") == "docker":
            yield Engines(_postgres_container(ends), _kafka_container(ends))
        else:
            yield _embedded(ends)


def _embedded(ends: ExitStack) -> Engines:
    from deploy.embedded.kafka import Kafka
    from deploy.embedded.postgres import Postgres

    folder = Path(tempfile.mkdtemp(prefix="kith-test-"))
    ends.callback(shutil.rmtree, folder)
    kafka = Kafka(folder)
    postgres = Postgres(folder, PASSWORD, connections=300)
    ends.callback(kafka.stop)
    ends.callback(postgres.stop)
    kafka.launch()
    postgres.start()
    kafka.wait()
    return Engines(postgres.superuser, kafka.bootstrap)


def _postgres_container(ends: ExitStack) -> str:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    container = (
        DockerContainer("postgres:18")
        .with_env("POSTGRES_PASSWORD", PASSWORD)
        .with_command("postgres -c max_connections=300")
        .with_exposed_ports(5432)
        # The image starts the server twice; only the second one listens to others.
        .waiting_for(LogMessageWaitStrategy("ready to accept connections", times=2))
    )
    ends.enter_context(container)
    return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{container.get_exposed_port(5432)}/postgres"


def _kafka_container(ends: ExitStack) -> str:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    from deploy.embedded.kafka import SETTINGS
    from deploy.embedded.process import free_port

    # The broker tells clients where it is, so the port has to be known before it starts.
    port = free_port()
    places = {
        "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": "1@localhost:9093",
    }
    container = DockerContainer("apache/kafka:4.3.1").with_bind_ports(9092, port)
    for name, value in (SETTINGS | places).items():
        container = container.with_env("KAFKA_" + name.upper().replace(".", "_"), value)
    ends.enter_context(container.waiting_for(LogMessageWaitStrategy("Kafka Server started")))
    return f"127.0.0.1:{port}"


@dataclass
class Databases:
    """Fresh databases, copied from one per service and run that was migrated once."""

    engines: Engines
    run: str = field(default_factory=lambda: f"_run_{uuid4().hex[:10]}")
    migrated: dict[str, ServiceDatabase] = field(default_factory=dict)

    async def fresh(self, service: str) -> Addresses:
        template = await self._template(service)
        made = ServiceDatabase(service, PASSWORD, PASSWORD, suffix=f"_{uuid4().hex[:10]}")
        server = self.engines.postgres
        await make(server, [made], template=template.name)
        return Addresses(made.name, made.owner_url(server), made.app_url(server))

    async def drop(self, addresses: Addresses) -> None:
        await drop(self.engines.postgres, addresses.name)

    async def close(self) -> None:
        for template in self.migrated.values():
            await drop(self.engines.postgres, template.name)

    async def _template(self, service: str) -> ServiceDatabase:
        if service not in self.migrated:
            template = ServiceDatabase(service, PASSWORD, PASSWORD, suffix=self.run)
            self.migrated[service] = template
            await make(self.engines.postgres, [template])
            await migrations.upgrade(service, template.owner_url(self.engines.postgres))
        return self.migrated[service]


async def remove_topics(bootstrap: str, prefix: str) -> None:
    """Delete a test's topics: a broker keeps files open for each partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if mine := [topic for topic in await admin.list_topics() if topic.startswith(prefix)]:
            await admin.delete_topics(mine)
    finally:
        await admin.close()
