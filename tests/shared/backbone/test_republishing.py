"""Sending a window again: the right events, in order, before anything new, and no effect twice."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.errors import KafkaError

from shared.backbone.outbox import record_contact
from shared.backbone.producer import Producer, make_producer
from shared.backbone.republishing import TURN
from shared.events.contact import ContactDetails
from shared.events.streams import DIRECTORY_CONTACTS, PLACE_EVENTS
from shared.runtime.actor import Actor, Role, system
from shared.runtime.ids import new_id
from shared.runtime.sealing import new_pair, public_key
from tests.engines import Engines
from tests.shared.backbone.network import AT, Service, by_key, on_topic, until
from tests.shared.backbone.relays import at_work, before_each_batch, relay_of

Services = Callable[[str], Awaitable[Service]]
ANN = Actor("ann", frozenset({Role.OPERATOR}))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

_SENT = """
INSERT INTO outbox_sent (seq, stream, key, payload, sent_at) SELECT n, 'place-events', 'a', convert_to(n::text, 'UTF8'),
    CAST(:noon AS timestamptz) + make_interval(mins => n) FROM generate_series(1, CAST(:count AS int)) n RETURNING 1
"""


async def all_sent(service: Service) -> bool:
    waiting = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM republish WHERE done_at IS NULL) AS n"
    return bool((await service.rows(waiting))[0]["n"] == 0)


def sequences(values: list[bytes]) -> list[int]:
    return [int(json.loads(value)["sequence"]) for value in values]


async def test_a_window_is_counted_by_time_stream_and_key_before_anything_is_sent(service: Services) -> None:
    directory = await service("directory")
    await directory.rows(_SENT, noon=NOON, count=60)
    plan = directory.backbone().republish_plan
    everything = await plan()
    assert (everything.total, everything.kept_since) == (60, NOON + timedelta(minutes=1))
    since, until_ = NOON + timedelta(minutes=20), NOON + timedelta(minutes=30)
    assert (await plan(since=since)).total == 41
    assert (await plan(since=since, until=until_)).total == 10
    assert (await plan(since=since, stream=PLACE_EVENTS.name, key="a")).total == 41
    assert (await plan(stream=DIRECTORY_CONTACTS.name)).total == 0
    assert (await plan(key="b")).total == 0
    assert await directory.backbone().republishes() == []


async def test_of_what_is_older_than_the_archive_only_what_is_there_can_go(service: Services) -> None:
    directory = await service("directory")
    nothing = await directory.backbone().republish_plan(since=NOON)
    assert (nothing.total, nothing.kept_since) == (0, None)
    await directory.rows(_SENT, noon=NOON, count=5)
    some = await directory.backbone().republish_plan(since=NOON - timedelta(days=90))
    assert (some.total, some.kept_since) == (5, NOON + timedelta(minutes=1))


async def test_a_window_goes_again_in_order_and_before_what_is_new(
    engines: Engines, service: Services, topics: str
) -> None:
    directory = await service("directory")
    async with at_work(relay_of(directory)):
        await directory.says("a", "b", "a", "b", "a")
        await until(lambda: all_sent(directory))
    job = await directory.backbone().republish(key="a", actor=ANN)
    assert (job.total, job.sent, job.done_at, job.asked_by) == (3, 0, None, "ann")
    await directory.says("a", "b")
    async with at_work(relay_of(directory)):
        await until(lambda: all_sent(directory))
    found = by_key(await on_topic(engines.kafka, f"{topics}place-events", 10))
    assert sequences([item.value for item in found["a"]]) == [1, 2, 3, 1, 2, 3, 4]
    assert sequences([item.value for item in found["b"]]) == [1, 2, 3]
    (done,) = await directory.backbone().republishes()
    assert (done.id, done.sent, done.done_at is not None) == (job.id, 3, True)


async def test_what_is_sent_again_has_no_second_effect(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = directory.backbone(), reporting.backbone()

    async def settled() -> bool:
        return await all_sent(directory) and await said.settled() and await heard.settled()

    async with said.running(), heard.running():
        await directory.says("a", "b", "a")
        await until(settled)
        await said.republish(actor=ANN)
        await until(settled)

        async def heard_again() -> bool:
            return (await heard.status()).streams[0].position == 6

        await until(heard_again)
    assert len(await reporting.effects()) == 3


async def test_a_window_that_breaks_off_goes_on_where_it_was(engines: Engines, service: Services, topics: str) -> None:
    directory, count = await service("directory"), TURN + 500
    await directory.rows(_SENT, noon=NOON, count=count)
    await directory.backbone().republish(actor=ANN)
    sends = 0

    async def fail_the_second() -> None:
        nonlocal sends
        sends += 1
        if sends > 1:
            raise KafkaError

    def failing() -> Producer:
        return before_each_batch(make_producer(engines.kafka, "directory"), fail_the_second)

    async def broken_off() -> bool:
        return sends > 1

    async with at_work(relay_of(directory, producer=failing)):
        await until(broken_off)
    (half,) = await directory.backbone().republishes()
    assert (half.sent, half.done_at) == (TURN, None)
    async with at_work(relay_of(directory)):
        await until(lambda: all_sent(directory))
    found = await on_topic(engines.kafka, f"{topics}place-events", count)
    assert [int(item.value) for item in found] == list(range(1, count + 1))


async def test_a_window_that_cannot_be_sent_does_not_hold_up_what_is_new(
    service: Services, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.backbone.sending.SEND_S", 1.0)
    directory = await service("directory")
    nowhere = "INSERT INTO outbox_sent (seq, stream, key, payload) VALUES (:seq, 'nowhere', 'a', '') RETURNING 1"
    await directory.rows(nowhere, seq=0)
    await directory.backbone().republish(actor=ANN)
    await directory.says("a")

    async def sent() -> bool:
        return not await directory.rows("SELECT 1 FROM outbox")

    async with at_work(relay_of(directory)):
        await until(sent)
        await directory.says("b")
        await until(sent)
    (job,) = await directory.backbone().republishes()
    assert (job.sent, job.done_at, job.trouble) == (0, None, "TimeoutError")


async def test_of_a_compacted_stream_only_the_newest_goes_so_that_nothing_erased_comes_back(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, erased, kept = await service("directory"), new_id(), new_id()
    key, ada = public_key(new_pair()[0]), ContactDetails(kind="provider", what_to_call="Ada", full_name="Ada Made-Up")
    said = ((erased, 1, ada), (kept, 1, ada), (erased, 2, ada), (kept, 2, ada), (erased, 3, None))
    async with at_work(relay_of(directory)):
        for id_, version, contact in said:
            async with directory.store.transaction(system("directory")) as tx:
                await record_contact(
                    tx, DIRECTORY_CONTACTS, contact, contact_id=id_, version=version, time=AT, public_key=key
                )
        await until(lambda: all_sent(directory))
        (third,) = await directory.rows("SELECT sent_at FROM outbox_sent ORDER BY seq OFFSET 2 LIMIT 1")
        assert (await directory.backbone().republish_plan(until=third["sent_at"])).total == 0
        assert (await directory.backbone().republish(actor=ANN)).total == 2
        await until(lambda: all_sent(directory))
    found = by_key(await on_topic(engines.kafka, f"{topics}directory-contacts", 7, partitions=3))
    assert [item.value is None for item in found[str(erased)]] == [False, False, True, True]
    assert [sequences([item.value for item in found[str(kept)]])] == [[1, 2, 2]]
