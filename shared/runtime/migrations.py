"""Migrations: one numbered folder a service, one shared environment, a step of its own before the service starts.

KITH_OWNER_URL=… python -m shared.runtime.migrations upgrade referral
KITH_OWNER_URL=… python -m shared.runtime.migrations revision referral "what changes"
"""

import asyncio
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.runtime.settings import ROOT, Settings

SCRIPTS = Path(__file__).parent / "alembic"


def folder(service: str) -> Path:
    """Where a service's revisions lie."""
    return ROOT / "services" / service / "migrations" / "versions"


def metadata(service: str) -> MetaData:
    """The tables that the service's rows describe."""
    found: MetaData = importlib.import_module(f"services.{service}.store").Base.metadata
    return found


def config(service: str, connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.set_main_option("version_locations", str(folder(service)))
    made.set_main_option("path_separator", "os")
    made.attributes.update(connection=connection, service=service)
    return made


async def _with_owner(owner_url: str, work: Callable[[Connection], None]) -> None:
    engine = create_async_engine(owner_url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()


async def upgrade(service: str, owner_url: str) -> None:
    """Bring a service's database to the newest revision, in one transaction, as the owner role."""
    await _with_owner(owner_url, lambda connection: command.upgrade(config(service, connection), "head"))


async def differences(service: str, owner_url: str) -> list[str]:
    """What the rows describe and the database has not, or the other way round; empty when they agree."""
    found: list[str] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found.extend(str(difference) for difference in compare_metadata(context, metadata(service)))

    await _with_owner(owner_url, compare)
    return found


async def revision(service: str, owner_url: str, message: str) -> None:
    """Write the next numbered revision from the difference between rows and database."""
    number = len(list(folder(service).glob("[0-9]*.py"))) + 1
    folder(service).mkdir(parents=True, exist_ok=True)

    def write(connection: Connection) -> None:
        command.revision(config(service, connection), message, autogenerate=True, rev_id=f"{number:04}")

    await _with_owner(owner_url, write)


def heads(service: str) -> list[str]:
    """The heads of a service's revisions: exactly one, or two branches have met badly."""
    return list(ScriptDirectory.from_config(config(service)).get_heads())


def main(arguments: list[str]) -> None:
    """The one-shot: `upgrade SERVICE…` or `revision SERVICE MESSAGE`."""
    url = Settings().owner_url.get_secret_value()
    match arguments:
        case ["upgrade", service]:
            asyncio.run(upgrade(service, url))
        case ["revision", service, message]:
            asyncio.run(revision(service, url, message))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
