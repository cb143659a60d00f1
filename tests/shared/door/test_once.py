"""Sent twice, done once: also when both arrive at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.door.once import Answer, once
from shared.door.problems import Invalid
from shared.runtime.actor import Actor, Role
from shared.runtime.store import Store
from tests.engines import Addresses

JO = Actor("jo", frozenset({Role.REFERRER}))
ANN = Actor("ann", frozenset({Role.REFERRER}))


class Work:
    """What is to be done once; each time it is done it answers differently."""

    def __init__(self) -> None:
        self.times = 0
        self.started, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> Answer:
        self.times += 1
        self.started.set()
        await self.may_end.wait()
        return Answer(201, body=f'{{"time": {self.times}}}')


@pytest.fixture
async def store(database: Callable[[str], Awaitable[Addresses]]) -> AsyncIterator[Store]:
    opened = Store((await database("referral")).app_url, "referral")
    yield opened
    await opened.close()


async def ask(store: Store, work: Callable[[], Awaitable[Answer]], key: str | None, words: bytes, by: Actor) -> Answer:
    async with store.transaction(by) as tx:
        return await once(tx, key, words, work)


async def test_the_same_request_again_gets_the_same_answer_and_does_nothing(store: Store) -> None:
    work = Work()
    first = await ask(store, work, "key", b"words", JO)
    assert await ask(store, work, "key", b"words", JO) == first == Answer(201, body='{"time": 1}')
    assert work.times == 1


async def test_a_page_is_sent_on_to_the_same_place_with_the_same_words(store: Store) -> None:
    async def save() -> Answer:
        return Answer.onward("/referral/mine", confirm="Sent to the team")

    first = await ask(store, save, "key", b"words", JO)
    assert await ask(store, save, "key", b"words", JO) == first


async def test_the_same_key_with_other_words_is_refused(store: Store) -> None:
    work = Work()
    await ask(store, work, "key", b"words", JO)
    with pytest.raises(Invalid):
        await ask(store, work, "key", b"other words", JO)
    assert work.times == 1


async def test_a_key_is_its_callers_own(store: Store) -> None:
    work = Work()
    await ask(store, work, "key", b"words", JO)
    await ask(store, work, "key", b"other words", ANN)
    assert work.times == 2


async def test_without_a_key_it_is_done_each_time(store: Store) -> None:
    work = Work()
    await ask(store, work, None, b"words", JO)
    await ask(store, work, "", b"words", JO)
    assert work.times == 2


async def test_what_failed_may_be_sent_again_under_the_same_key(store: Store) -> None:
    async def fail() -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask(store, fail, "key", b"words", JO)
    work = Work()
    await ask(store, work, "key", b"words", JO)
    assert work.times == 1


async def test_two_at_once_are_done_once_and_answered_the_same(store: Store) -> None:
    work = Work()
    work.may_end.clear()
    first = asyncio.create_task(ask(store, work, "key", b"words", JO))
    await work.started.wait()
    second = asyncio.create_task(ask(store, work, "key", b"words", JO))
    done, _ = await asyncio.wait([second], timeout=0.3)
    assert not done
    work.may_end.set()
    assert await first == await second
    assert work.times == 1
