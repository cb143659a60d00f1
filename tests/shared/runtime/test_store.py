"""The one door to a store: on whose behalf, all or nothing, and as a role that owns nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import pytest
from sqlalchemy.exc import DBAPIError

from shared.runtime.actor import Actor, system
from shared.runtime.store import NoActor, Store, Tx
from tests.engines import Addresses

BARE_INSERT = "INSERT INTO idempotency (subject, key, fingerprint) VALUES ($1, 'k', '\\x00')"
INSERT = "INSERT INTO idempotency (subject, key, fingerprint) VALUES (:subject, 'k', '\\x00')"


@pytest.fixture
async def store(database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[Store]:
    opened = Store((await database("referral")).app_url, "referral", pool=2)
    yield opened
    await opened.close()


async def _kept(store: Store) -> int:
    async with store.transaction(system("referral")) as tx:
        return int((await tx.rows("SELECT count(*) AS n FROM idempotency"))[0]["n"])


async def _insert(tx: Tx) -> None:
    await tx.run(INSERT, subject="a")


@pytest.mark.parametrize("nobody", [None, Actor(subject="", roles=frozenset())])
async def test_no_transaction_opens_for_nobody(store: Store, nobody: Actor | None) -> None:
    with pytest.raises(NoActor):
        async with store.transaction(cast(Actor, nobody)):
            pass


async def test_what_fails_leaves_nothing(store: Store) -> None:
    async def fail_half_way() -> None:
        async with store.transaction(system("referral")) as tx:
            await _insert(tx)
            raise LookupError

    with pytest.raises(LookupError):
        await fail_half_way()
    assert await _kept(store) == 0


async def test_what_succeeds_stays(store: Store) -> None:
    async with store.transaction(system("referral")) as tx:
        await _insert(tx)
    assert await _kept(store) == 1


async def test_a_bare_transaction_keeps_all_or_nothing_too(store: Store) -> None:
    async def fail_half_way() -> None:
        async with store.bare(system("referral")) as tx:
            await tx.fetch(BARE_INSERT, "a")
            raise LookupError

    with pytest.raises(LookupError):
        await fail_half_way()
    assert await _kept(store) == 0
    async with store.bare(system("referral")) as tx:
        await tx.fetch(BARE_INSERT, "a")
    assert await _kept(store) == 1


async def test_no_bare_transaction_opens_for_nobody(store: Store) -> None:
    with pytest.raises(NoActor):
        async with store.bare(cast(Actor, None)):
            pass


async def test_a_statement_gives_the_same_rows_in_both_kinds_of_transaction(store: Store) -> None:
    rows = "SELECT n, 'row ' || n AS name FROM generate_series(1, $1::int) n"
    async with store.bare(system("referral")) as bare, store.transaction(system("referral")) as tx:
        found = [[dict(row) for row in await kind.fetch(rows, 2)] for kind in (bare, tx)]
    assert found == [[{"n": 1, "name": "row 1"}, {"n": 2, "name": "row 2"}]] * 2


async def test_connections_that_the_server_ended_are_replaced_before_anybody_meets_one(store: Store) -> None:
    async with store.bare(system("referral")) as tx:
        async with store.bare(system("referral")) as other:
            ended = other.driver
            (row,) = await other.fetch("SELECT pg_backend_pid() AS pid")
        await tx.fetch("SELECT pg_terminate_backend($1)", row["pid"])
    while not ended.is_closed():  # noqa: ASYNC110 - the driver hears of it in its own time
        await asyncio.sleep(0.01)
    async with store.bare(system("referral")) as tx, store.transaction(system("referral")) as with_session:
        assert await tx.fetch("SELECT 1 AS n")
        assert await with_session.rows("SELECT 1 AS n")


async def test_the_relay_is_woken_after_a_commit_that_recorded_and_only_then(store: Store) -> None:
    woken: list[int] = []
    store.on_commit(lambda: woken.append(1))
    async with store.transaction(system("referral")):
        assert not woken
    assert not woken
    async with store.transaction(system("referral")) as tx:
        tx.recorded += 1
        assert not woken
    assert woken == [1]


@pytest.mark.parametrize("statement", ["CREATE TABLE t (a int)", "DROP TABLE outbox", "TRUNCATE outbox"])
async def test_the_application_may_not_shape_its_store(store: Store, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with store.transaction(system("referral")) as tx:
            await tx.run(statement)
