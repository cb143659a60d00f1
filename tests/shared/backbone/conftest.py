"""A small network for the backbone's own tests: one service that says things, others that hear them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr
from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text, Uuid
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.databases import ServiceDatabase, drop, make
from shared.backbone.tables import backbone_tables
from shared.backbone.topics import make_topics
from shared.events.streams import DIRECTORY_CONTACTS, PLACE_EVENTS
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.engines import PASSWORD, Engines
from tests.shared.backbone.network import Service, an_id


async def _database(engines: Engines, service: str) -> ServiceDatabase:
    database = ServiceDatabase(service, PASSWORD, PASSWORD, suffix=f"_{an_id().hex[-12:]}")
    await make(engines.postgres, [database])
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
    engine = create_async_engine(database.owner_url(engines.postgres), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    return database


@pytest.fixture
async def service(engines: Engines, stream_prefix: str) -> AsyncIterator[Callable[[str], Awaitable[Service]]]:
    """`await service("directory")`: a service with a store of its own, and nothing running yet."""
    async with AsyncExitStack() as ends:

        async def started(name: str) -> Service:
            database = await _database(engines, name)
            ends.push_async_callback(drop, engines.postgres, database.name)
            url = database.app_url(engines.postgres)
            store = Store(url, name)
            ends.push_async_callback(store.close)
            settings = Settings(
                service=name,
                database_url=SecretStr(url),
                kafka=engines.kafka,
                stream_prefix=stream_prefix,
                retry_seconds=(0.05, 0.05, 0.05),
            )
            return Service(settings, store)

        yield started


@pytest.fixture
async def topics(engines: Engines, stream_prefix: str) -> str:
    """The two streams these tests use, on the broker; their prefix."""
    await make_topics(engines.kafka, stream_prefix, streams=[PLACE_EVENTS, DIRECTORY_CONTACTS])
    return stream_prefix
