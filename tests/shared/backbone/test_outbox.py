"""What is recorded, and what is refused, before anything travels."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from shared.backbone.outbox import LARGEST, NotOurs, TooLarge, record, record_contact, record_many, say
from shared.events.contact import ContactDetails
from shared.events.place import PlaceAcknowledged
from shared.events.streams import DIRECTORY_CONTACTS
from shared.runtime.actor import system
from shared.runtime.sealing import new_pair, public_key
from shared.runtime.store import Tx
from tests.shared.backbone.network import AT, Service, acknowledged, an_id, until

Services = Callable[[str], Awaitable[Service]]
SAID = "SELECT key, convert_from(payload, 'UTF8') AS event FROM outbox ORDER BY seq"


async def _record_in_vain(directory: Service) -> None:
    async with directory.store.transaction(system("directory")) as tx:
        await record(tx, acknowledged(), subject="a", key="a", time=AT)
        raise ZeroDivisionError


async def test_events_of_a_subject_are_numbered_without_a_gap_even_when_a_transaction_rolls_back(
    service: Services,
) -> None:
    directory = await service("directory")
    await directory.says("a", "a", "b")
    with pytest.raises(ZeroDivisionError):
        await _record_in_vain(directory)
    await directory.says("a")
    said = [(row["key"], int(json.loads(row["event"])["sequence"])) for row in await directory.rows(SAID)]
    assert said == [("a", 1), ("a", 2), ("b", 1), ("a", 3)]


async def test_events_said_at_once_keep_their_order_and_are_numbered_after_what_was_said_before(
    service: Services,
) -> None:
    directory = await service("directory")
    await directory.says("a")
    async with directory.store.bare(system("directory")) as tx:
        said = [say(tx, acknowledged(), subject=subject, key=subject, time=AT) for subject in ("a", "b", "a", "c", "a")]
        await record_many(tx, said)
        assert tx.recorded == 5
    await directory.says("a")
    found = [(row["key"], int(json.loads(row["event"])["sequence"])) for row in await directory.rows(SAID)]
    assert found == [("a", 1), ("a", 2), ("b", 1), ("a", 3), ("c", 1), ("a", 4), ("a", 5)]


async def test_what_changes_with_an_event_may_be_written_in_its_statement(service: Services) -> None:
    directory = await service("directory")
    beside = "kept AS (INSERT INTO idempotency (subject, key, fingerprint) VALUES ($7, $8, '')),"
    async with directory.store.transaction(system("directory")) as tx:
        event = say(tx, acknowledged(), subject="a", key="a", time=AT)
        await record_many(tx, [event], beside=beside, values=["jo", "once"])
    assert len(await directory.rows(SAID)) == 1
    assert [row["subject"] for row in await directory.rows("SELECT subject FROM idempotency")] == ["jo"]


async def test_an_event_carries_what_caused_it(service: Services) -> None:
    directory, cause = await service("directory"), an_id()
    async with directory.store.transaction(
        system("directory"), correlation="visit-1", causation=cause, traceparent="00-1-2-01"
    ) as tx:
        await record(tx, acknowledged(), subject="s", key="k", time=AT, pcn="U123")
    event = json.loads((await directory.rows(SAID))[0]["event"])
    assert (event["correlationid"], event["causationid"], event["pcn"]) == ("visit-1", str(cause), "U123")
    assert (event["traceparent"], event["subject"], event["partitionkey"]) == ("00-1-2-01", "s", "k")


async def test_a_service_cannot_speak_on_the_stream_of_another(service: Services) -> None:
    reporting = await service("reporting")
    with pytest.raises(NotOurs):
        await reporting.says("a")


async def test_an_event_that_no_broker_takes_is_refused_before_it_can_block_the_outbox(service: Services) -> None:
    directory = await service("directory")
    fact = PlaceAcknowledged(prescription_id=an_id(), activity_id=an_id(), provider_id="x" * LARGEST)
    with pytest.raises(TooLarge):
        async with directory.store.transaction(system("directory")) as tx:
            await record(tx, fact, subject="a", key="a", time=AT)


async def test_words_that_look_like_a_sequence_are_left_as_they_are(service: Services) -> None:
    directory, trap = await service("directory"), '"sequence":"00000000000000000000"'
    fact = PlaceAcknowledged(prescription_id=an_id(), activity_id=an_id(), provider_id=trap)
    async with directory.store.transaction(system("directory")) as tx:
        await record(tx, fact, subject=trap, key=trap, time=AT)
    event = json.loads((await directory.rows(SAID))[0]["event"])
    assert (event["subject"], event["data"]["provider_id"], event["sequence"]) == (trap, trap, f"{1:020}")


async def test_a_contact_is_erased_after_what_another_transaction_was_about_to_say_of_it(service: Services) -> None:
    directory, id_, key = await service("directory"), an_id(), public_key(new_pair()[0])
    ada = ContactDetails(kind="provider", what_to_call="Ada", full_name="Ada Made-Up")

    async def say_it(tx: Tx, contact: ContactDetails | None) -> None:
        await record_contact(tx, DIRECTORY_CONTACTS, contact, contact_id=id_, version=1, time=AT, public_key=key)

    async def erase() -> None:
        async with directory.store.transaction(system("directory")) as tx:
            await say_it(tx, None)

    async with directory.store.transaction(system("directory")) as tx:
        await say_it(tx, ada)
        erasing = asyncio.create_task(erase())

        async def waits() -> bool:
            blocked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            return erasing.done() or bool(await directory.rows(blocked))

        await until(waits)
        assert not erasing.done()
    await erasing
    await directory.says(str(id_))
    rows = await directory.rows(
        "SELECT payload IS NULL AS erased, convert_from(payload, 'UTF8') AS e FROM outbox ORDER BY seq"
    )
    assert [row["erased"] for row in rows] == [False, True, False]
    assert int(json.loads(rows[2]["e"])["sequence"]) == 2
