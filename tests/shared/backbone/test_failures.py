"""A passing trouble is told from a fault: whatever becomes of a session, an event is never blamed for it."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, InternalError

from shared.backbone.failures import is_transient
from shared.runtime.actor import system
from tests.engines import Engines
from tests.shared.backbone.network import Service

END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"


async def test_whatever_the_end_of_a_session_does_to_those_who_use_it_passes(
    engines: Engines, service: Callable[[str], Awaitable[Service]]
) -> None:
    directory = await service("directory")
    store = directory.store
    name = (await directory.rows("SELECT current_database() AS name"))[0]["name"]
    failures: list[Exception] = []

    async def use() -> None:
        while len(failures) < 60:
            try:
                async with store.transaction(system("directory")) as tx:
                    await tx.rows("SELECT generate_series(1, 50)")
                    await tx.rows("SELECT 1")
            except Exception as error:  # noqa: BLE001 - that is what is looked at
                failures.append(error)

    users = asyncio.gather(*(use() for _ in range(6)))
    server = await asyncpg.connect(engines.postgres)
    while not users.done():
        await server.execute(END_SESSIONS, name)
    await users
    await server.close()
    assert [error for error in failures if not is_transient(error)] == []


def _internal(cause: Exception) -> DBAPIError:
    driver = Exception("as SQLAlchemy wraps it")
    driver.__cause__ = cause
    return InternalError("SELECT 1", {}, driver)


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_driver_that_has_lost_its_place_is_a_passing_trouble(wrapped: bool) -> None:
    lost = asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")
    assert is_transient(_internal(lost) if wrapped else lost)


def test_a_server_that_refuses_a_statement_is_not() -> None:
    assert not is_transient(_internal(asyncpg.InternalServerError("cache lookup failed")))
    assert not is_transient(ValueError("a fault of ours"))
