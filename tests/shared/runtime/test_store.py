"""The one door to a store: on whose behalf, all or nothing, and as a role that owns nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import pytest
from sqlalchemy.exc import DBAPIError

from shared.runtime.actor import Actor, system
from shared.runtime.store import NoActor, Store, Tx
from tests.engines import Addresses

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
