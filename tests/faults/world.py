"""Where the faults happen: one PostgreSQL and one Kafka of our own, and for each round fresh stores and streams."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from pydantic import SecretStr
from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text, Uuid
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.databases import ServiceDatabase, make
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from shared.backbone.tables import backbone_tables
from shared.backbone.topics import make_topics
from shared.events.streams import PLACE_EVENTS, Stream
from shared.runtime.settings import Settings
from tests.engines import PASSWORD, Addresses, Databases, Engines, remove_topics
from tests.faults.process import Main, Process

CONNECTIONS = 100


@dataclass
class World:
    """The engines, started when first asked for, for all rounds of all faults; both may be killed and started again."""

    folder: Path
    ends: ExitStack
    keep: bool = False

    @cached_property
    def postgres(self) -> Postgres:
        postgres = Postgres(self.folder, PASSWORD, connections=CONNECTIONS)
        postgres.start()
        self.ends.callback(postgres.stop)
        return postgres

    @cached_property
    def kafka(self) -> Kafka:
        kafka = Kafka(self.folder)
        kafka.start()
        self.ends.callback(kafka.stop)
        return kafka

    @cached_property
    def databases(self) -> "Templates":
        return Templates(Engines(self.postgres.superuser, self.kafka.bootstrap))

    @asynccontextmanager
    async def superuser(self, settings: Settings | None = None) -> AsyncIterator[asyncpg.Connection]:
        """A superuser's session, on a service's store where one is given."""
        inside = settings and urlsplit(settings.database_url.get_secret_value()).path.lstrip("/")
        session = await asyncpg.connect(self.postgres.superuser, database=inside or "postgres")
        try:
            yield session
        finally:
            await session.close()

    @asynccontextmanager
    async def stage(self, *streams: Stream) -> AsyncIterator["Stage"]:
        """What one round plays on; these streams (place-events unless said) are there, and nothing else."""
        stage = Stage(self, f"f{uuid4().hex[:8]}.")
        await make_topics(self.kafka.bootstrap, stage.prefix, streams=streams or (PLACE_EVENTS,))
        try:
            yield stage
        finally:
            await stage.close()
            await remove_topics(self.kafka.bootstrap, stage.prefix)


@contextmanager
def world() -> Iterator[World]:
    """A world without anything in it yet; its folder is kept for a look when `keep` is set."""
    folder = Path(tempfile.mkdtemp(prefix="kith-faults-"))
    with ExitStack() as ends:
        made = World(folder, ends)
        yield made
    if not made.keep:
        shutil.rmtree(folder)


class Templates(Databases):
    """Fresh databases of the services, and of a `bare` service: the backbone's tables and a table of effects."""

    async def bare(self, service: str) -> Addresses:
        """A fresh store with `effect(at, key, event_id, sequence)` beside the backbone's tables."""
        name = f"bare {service}"
        if name not in self.migrated:
            template = ServiceDatabase(service, PASSWORD, PASSWORD, suffix=f"_bare{self.run}")
            await make(self.engines.postgres, [template])
            await _make_tables(template.owner_url(self.engines.postgres))
            self.migrated[name] = template
        return await self.copied(self.migrated[name])

    async def copied(self, template: ServiceDatabase) -> Addresses:
        made = ServiceDatabase(template.service, PASSWORD, PASSWORD, suffix=f"_{uuid4().hex[:10]}")
        server = self.engines.postgres
        await make(server, [made], template=template.name)
        return Addresses(made.name, made.owner_url(server), made.app_url(server))


async def _make_tables(owner_url: str) -> None:
    metadata = MetaData()
    backbone_tables(metadata)
    Table(
        "effect",
        metadata,
        Column("at", BigInteger, Identity(), primary_key=True),
        Column("key", Text),
        Column("event_id", Uuid),
        Column("sequence", BigInteger),
    )
    engine = create_async_engine(owner_url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


@dataclass
class Stage:
    """One round's stores, streams and processes."""

    world: World
    prefix: str
    taken: list[Addresses] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)

    async def bare(self, service: str, **more: object) -> Settings:
        """The settings of a service with a fresh store of the backbone's tables alone."""
        return self.settings(service, await self.world.databases.bare(service), **more)

    def settings(self, service: str, addresses: Addresses, **more: object) -> Settings:
        """A service over that store, on this round's streams; the store is gone after the round."""
        self.taken.append(addresses)
        places = {"database_url": SecretStr(addresses.app_url), "kafka": self.world.kafka.bootstrap}
        quick = {"stream_prefix": self.prefix, "retry_seconds": (0.1, 0.2, 0.4), "database_pool": 8}
        return Settings.model_validate({"service": service, **places, **quick, **more})

    async def start(self, main: Main, settings: Settings, **given: object) -> Process:
        """A process running `main`; returns when it has said `up`."""
        process = self.begin(main, settings, **given)
        await process.hear("up")
        return process

    def begin(self, main: Main, settings: Settings, **given: object) -> Process:
        """The same without waiting."""
        log = self.world.folder / f"{self.prefix}{settings.service}.{len(self.processes)}.log"
        process = Process(main, settings, log, **given)
        self.processes.append(process)
        return process

    async def close(self) -> None:
        """No process of the round is left, and no store."""
        for process in self.processes:
            await process.kill()
        for addresses in self.taken:
            await self.world.databases.drop(addresses)
