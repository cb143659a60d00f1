"""Each service's own store: one database that only its owner may shape and only its application may use.

Run once before the services (`python -m deploy.databases`); running it again changes nothing but the passwords given.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

SERVICES = ("referral", "directory", "notifications", "reporting")

# Two that run at once (tests side by side, a restarted one-shot) would both find a role missing and both make it.
_LOCK = 0x4B697468
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """A service's database and its two roles; a test's `suffix` makes a database of its own under the same roles."""

    service: str
    owner_password: str = field(repr=False)
    app_password: str = field(repr=False)
    suffix: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a database name")

    @property
    def name(self) -> str:
        return f"kith_{self.service}{self.suffix}"

    @property
    def owner(self) -> str:
        """Runs the migrations."""
        return f"{self.service}_owner"

    @property
    def app(self) -> str:
        """Runs the service: reads and writes rows, owns nothing."""
        return f"{self.service}_app"

    def owner_url(self, server: str) -> str:
        """The owner's address on the server that `server` (any PostgreSQL URL) names, as SQLAlchemy reads it."""
        return _address(server, self.owner, self.owner_password, self.name)

    def app_url(self, server: str) -> str:
        """The application's address, likewise."""
        return _address(server, self.app, self.app_password, self.name)


def _address(server: str, user: str, password: str, database: str) -> str:
    parts = urlsplit(server)
    host = parts.netloc.rpartition("@")[2]
    place = f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"
    return urlunsplit(("postgresql+asyncpg", place, f"/{database}", parts.query, ""))


async def make(superuser: str, databases: Iterable[ServiceDatabase], *, template: str = "template1") -> None:
    """Make what is missing of `databases` and their roles; `superuser` is a superuser's URL on the server.

    A `template` other than the server's own is a database made here before: its tables are copied.
    """
    async with _session(superuser) as session:
        await session.execute("SELECT pg_advisory_lock($1)", _LOCK)
        for database in databases:
            await _roles(session, database)
            await _database(session, database, template)
            async with _session(superuser, database.name) as inside:
                await _rights_inside(inside, database)
        for maintenance in ("postgres", "template1"):
            await session.execute(f"REVOKE CONNECT ON DATABASE {maintenance} FROM PUBLIC")


async def drop(superuser: str, name: str) -> None:
    """Remove one database, whoever is still connected to it."""
    async with _session(superuser) as session:
        await _say(session, "DROP DATABASE IF EXISTS %I WITH (FORCE)", name)


@asynccontextmanager
async def _session(superuser: str, database: str | None = None) -> AsyncIterator[asyncpg.Connection]:
    plain = superuser.replace("postgresql+asyncpg:", "postgresql:", 1)
    session = await asyncpg.connect(plain, database=database or urlsplit(plain).path.lstrip("/") or "postgres")
    try:
        # A statement that fails is logged by default, and ours carry passwords.
        await session.execute("SET log_min_error_statement = 'panic'")
        yield session
    finally:
        await session.close()


async def _say(session: asyncpg.Connection, statement: str, *words: str) -> None:
    """Run a statement that takes no parameters; the server itself quotes the words (`%I` a name, `%L` a text)."""
    await session.execute(await session.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, list(words)))


async def _roles(session: asyncpg.Connection, database: ServiceDatabase) -> None:
    for role, password in ((database.owner, database.owner_password), (database.app, database.app_password)):
        if not await session.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await _say(session, "CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT", role)
        await _say(session, "ALTER ROLE %I LOGIN PASSWORD %L", role, password)


async def _database(session: asyncpg.Connection, database: ServiceDatabase, template: str) -> None:
    if not await session.fetchval("SELECT true FROM pg_database WHERE datname = $1", database.name):
        await _say(session, "CREATE DATABASE %I OWNER %I TEMPLATE %I", database.name, database.owner, template)
    await _say(session, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database.name)
    await _say(session, "GRANT CONNECT ON DATABASE %I TO %I", database.name, database.app)


async def _rights_inside(session: asyncpg.Connection, database: ServiceDatabase) -> None:
    """What the owner makes from now on, the application may use; nothing is granted to anyone else."""
    owner, app = database.owner, database.app
    await session.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await _say(session, "GRANT USAGE ON SCHEMA public TO %I", app)
    grant = "ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT "
    await _say(session, grant + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I", owner, app)
    await _say(session, grant + "USAGE ON SEQUENCES TO %I", owner, app)


def _from_files(secrets: Path) -> list[ServiceDatabase]:
    def read(name: str) -> str:
        return (secrets / name).read_text().strip()

    return [ServiceDatabase(name, read(f"{name}_owner_password"), read(f"{name}_app_password")) for name in SERVICES]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the four services' databases and roles.")
    parser.add_argument("--server", required=True, help="postgresql://USER@HOST:PORT/postgres of a superuser")
    parser.add_argument(
        "--secrets", type=Path, required=True, help="folder of <service>_owner_password, <service>_app_password"
    )
    parser.add_argument("--password-file", type=Path, required=True, help="file with the superuser's password")
    given = parser.parse_args()
    parts = urlsplit(given.server)
    server = _address(given.server, parts.username or "postgres", given.password_file.read_text().strip(), "postgres")
    asyncio.run(make(server, _from_files(given.secrets)))


if __name__ == "__main__":
    main()
