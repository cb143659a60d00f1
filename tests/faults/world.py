"""Where the faults happen: one PostgreSQL and one Kafka of our own, and for each round fresh stores and streams."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
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
from deploy.embedded.process import answers
from shared.backbone.tables import backbone_tables
from shared.backbone.topics import make_topics
from shared.events.streams import PLACE_EVENTS, Stream
from shared.runtime.settings import Settings
from tests.engines import PASSWORD, Addresses, Databases, Engines, remove_topics
from tests.faults.looking import until
from tests.faults.process import Main, Process

CONNECTIONS = 100
OWN_NUMBERS = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, last_value)
FROM pg_sequences WHERE last_value IS NOT NULL
"""


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

    def _mend(self) -> None:
        """A round that went wrong may have left an engine dead; that is no fault of the next."""
        for engine in (self.postgres, self.kafka):
            if engine.process is None or engine.process.poll() is not None:
                engine.start()

    async def start_kafka(self) -> None:
        """Start a broker that was stopped or killed, and go on with other things meanwhile."""
        self.kafka.launch()
        await until(partial(asyncio.to_thread, answers, self.kafka.port), "the broker answers")

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
        self._mend()
        stage = Stage(self, f"f{uuid4().hex[:8]}.")
        await make_topics(self.kafka.bootstrap, stage.prefix, streams=streams or (PLACE_EVENTS,))
        try:
            yield stage
        finally:
            self._mend()
            await stage.close()
            await remove_topics(self.kafka.bootstrap, stage.prefix)


def kill(engine: subprocess.Popen[bytes] | None) -> None:
    """An engine's process with -9; returns when it is gone."""
    assert engine is not None
    engine.kill()
    engine.wait()


@contextmanager
def world() -> Iterator[World]:
    """A world without anything in it yet; what was logged is left behind for a look when `keep` is set."""
    folder = Path(tempfile.mkdtemp(prefix="kith-faults-"))
    with ExitStack() as ends:
        made = World(folder, ends)
        yield made
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif not made.keep:
            left.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


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

    async def filled(self, service: str, fill: Callable[[str], Awaitable[None]]) -> Addresses:
        """A copy of the service's migrated store with something in it, put there once through its application's URL."""
        name = f"filled {service}"
        if name not in self.migrated:
            plain = await self._template(service)
            template = ServiceDatabase(service, PASSWORD, PASSWORD, suffix=f"_filled{self.run}")
            await make(self.engines.postgres, [template], template=plain.name)
            await fill(template.app_url(self.engines.postgres))
            self.migrated[name] = template
        return await self.copied(self.migrated[name])

    async def copied(self, template: ServiceDatabase) -> Addresses:
        made = ServiceDatabase(template.service, PASSWORD, PASSWORD, suffix=f"_{uuid4().hex[:10]}")
        server = self.engines.postgres
        await make(server, [made], template=template.name)
        await _own_numbers(server, made.name)
        return Addresses(made.name, made.owner_url(server), made.app_url(server))


async def _own_numbers(server: str, database: str) -> None:
    """A copy thinks its numbers logged that only its template has logged: after a kill PostgreSQL gives them again."""
    inside = await asyncpg.connect(server, database=database)
    await inside.execute(OWN_NUMBERS)
    await inside.close()


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
