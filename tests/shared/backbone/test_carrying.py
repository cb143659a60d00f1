"""From the outbox of one service to the effect in another, over the real engines."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from shared.backbone.consumers import Tombstone
from shared.backbone.outbox import record_contact
from shared.events.contact import ContactDetails, ContactStated
from shared.events.envelope import Event
from shared.events.streams import DIRECTORY_CONTACTS
from shared.runtime.actor import system
from shared.runtime.sealing import new_pair, private_key, public_key, unseal
from shared.runtime.store import Tx
from tests.engines import Engines
from tests.shared.backbone.network import AT, Service, an_id, on_topic, until

Services = Callable[[str], Awaitable[Service]]


async def test_what_one_service_says_takes_effect_in_another_once_and_in_order(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running(), heard.running():
        for _ in range(5):
            await directory.says("a", "b", "c")

        async def arrived() -> bool:
            return len(await reporting.effects()) >= 15 and await said.settled() and await heard.settled()

        await until(arrived)
    effects = await reporting.effects()
    assert len(effects) == 15
    for key in "abc":
        assert [row["sequence"] for row in effects if row["key"] == key] == [1, 2, 3, 4, 5]


async def test_what_was_heard_before_a_restart_is_not_heard_again(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    async with directory.backbone().running():
        for count in (3, 6):
            heard = reporting.backbone()
            async with heard.running():
                await directory.says("a", "b", "c")

                async def arrived(count: int = count) -> bool:
                    return len(await reporting.effects()) >= count

                await until(arrived)
                await until(heard.settled)
                assert (await heard.status()).streams[0].counts == {"handled": 3}


async def test_an_event_on_the_wire_is_a_cloud_event(engines: Engines, service: Services, topics: str) -> None:
    directory = await service("directory")
    (id_,) = await directory.says("a")
    async with directory.backbone().running():
        (found,) = await on_topic(engines.kafka, f"{topics}place-events", 1)
    assert dict(found.headers)["content-type"].startswith(b"application/cloudevents+json")
    assert found.key == b"a"
    event = json.loads(found.value)
    assert event["specversion"] == "1.0"
    assert event["type"] == "kith.place-acknowledged.v1"
    assert (UUID(event["id"]), event["source"], event["partitionkey"]) == (id_, "directory", "a")
    assert event["sequence"] == "00000000000000000001"
    assert event["time"] == "2026-11-20T14:30:00Z"
    assert event["data"]["provider_id"] == "P1"


async def test_a_record_is_stamped_by_the_broker_so_that_a_clock_of_the_store_that_went_wrong_harms_nothing(
    engines: Engines, service: Services, topics: str
) -> None:
    directory = await service("directory")
    said = "INSERT INTO outbox (stream, key, payload, recorded_at) VALUES ('place-events', :key, '', :at) RETURNING 1"
    for key, at in (("past", AT - timedelta(days=10_000)), ("future", AT + timedelta(days=10_000))):
        await directory.rows(said, key=key, at=at)
    async with directory.backbone().running():
        found = await on_topic(engines.kafka, f"{topics}place-events", 2)
    assert {item.key for item in found} == {b"past", b"future"}
    assert {item.timestamp_type for item in found} == {1}  # the log's time of appending
    assert max(item.timestamp for item in found) - min(item.timestamp for item in found) < 60_000


async def test_a_contact_travels_sealed_and_a_tombstone_erases_it(service: Services, topics: str) -> None:
    directory, notifications = await service("directory"), await service("notifications")
    public, secret = new_pair()
    heard: list[Event[ContactStated] | Tombstone] = []

    @notifications.consumers.on_contacts(DIRECTORY_CONTACTS)
    async def on_contacts(tx: Tx, events: Sequence[Event[ContactStated] | Tombstone]) -> None:
        heard.extend(events)

    contact, id_ = ContactDetails(kind="provider", what_to_call="Ada", full_name="Ada Made-Up"), an_id()
    async with directory.backbone().running(), notifications.backbone().running():
        for details in (contact, None):
            async with directory.store.transaction(system("directory")) as tx:
                await record_contact(
                    tx, DIRECTORY_CONTACTS, details, contact_id=id_, version=1, time=AT, public_key=public_key(public)
                )

        async def both() -> bool:
            return len(heard) == 2

        await until(both)
    stated, erased = heard
    assert isinstance(stated, Event)
    opened = unseal(
        stated.data.sealed, own=private_key(secret), topic=DIRECTORY_CONTACTS.name, contact_id=id_, version=1
    )
    assert ContactDetails.model_validate_json(opened) == contact
    assert erased == Tombstone("directory-contacts", id_)
