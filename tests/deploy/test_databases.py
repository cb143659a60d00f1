"""A service's application role can use its own store and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from deploy.databases import ServiceDatabase, drop, make
from tests.engines import PASSWORD, Engines


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")


@pytest.fixture
async def pair(engines: Engines) -> AsyncIterator[tuple[ServiceDatabase, ServiceDatabase]]:
    """Two services' empty databases."""
    suffix = f"_{uuid4().hex[:10]}"
    both = (
        ServiceDatabase("referral", PASSWORD, PASSWORD, suffix),
        ServiceDatabase("directory", PASSWORD, PASSWORD, suffix),
    )
    await make(engines.postgres, both)
    yield both
    for one in both:
        await drop(engines.postgres, one.name)


async def test_the_application_uses_what_the_owner_makes(
    engines: Engines, pair: tuple[ServiceDatabase, ServiceDatabase]
) -> None:
    owner = await asyncpg.connect(plain(pair[0].owner_url(engines.postgres)))
    await owner.execute("CREATE TABLE note (id serial PRIMARY KEY, words text)")
    await owner.close()
    app = await asyncpg.connect(plain(pair[0].app_url(engines.postgres)))
    await app.execute("INSERT INTO note (words) VALUES ('heard')")
    await app.execute("UPDATE note SET words = 'seen'")
    assert await app.fetchval("SELECT words FROM note") == "seen"
    assert await app.execute("DELETE FROM note") == "DELETE 1"
    await app.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine ()",
        "CREATE TEMP TABLE mine ()",
        "DROP TABLE note",
        "ALTER TABLE note DISABLE ROW LEVEL SECURITY",
        "TRUNCATE note",
        "SET ROLE referral_owner",
        "CREATE SCHEMA mine",
    ],
)
async def test_the_application_shapes_nothing(
    engines: Engines, pair: tuple[ServiceDatabase, ServiceDatabase], statement: str
) -> None:
    owner = await asyncpg.connect(plain(pair[0].owner_url(engines.postgres)))
    await owner.execute("CREATE TABLE note (id int)")
    await owner.close()
    app = await asyncpg.connect(plain(pair[0].app_url(engines.postgres)))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(statement)
    await app.close()


@pytest.mark.parametrize("elsewhere", ["another service", "postgres", "template1"])
async def test_no_role_reaches_a_database_that_is_not_its_own(
    engines: Engines, pair: tuple[ServiceDatabase, ServiceDatabase], elsewhere: str
) -> None:
    mine, other = pair
    target = other.name if elsewhere == "another service" else elsewhere
    for url in (mine.app_url(engines.postgres), mine.owner_url(engines.postgres)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(plain(url).replace(f"/{mine.name}", f"/{target}"))


async def test_making_them_again_changes_nothing(
    engines: Engines, pair: tuple[ServiceDatabase, ServiceDatabase]
) -> None:
    owner = await asyncpg.connect(plain(pair[0].owner_url(engines.postgres)))
    await owner.execute("CREATE TABLE note AS SELECT 1 AS kept")
    await make(engines.postgres, pair)
    assert await owner.fetchval("SELECT kept FROM note") == 1
    await owner.close()


@pytest.mark.parametrize("suffix", ["; DROP", "-x", "A", "_" * 60])
def test_a_name_that_is_no_database_name_is_refused(suffix: str) -> None:
    with pytest.raises(ValueError, match="is not a database name"):
        ServiceDatabase("referral", "", "", suffix)
