"""When what was said cannot be sent for too long, nothing more is taken in, and nothing is lost of what was."""

import socket
from collections.abc import Awaitable, Callable

import pytest

from shared.backbone.outbox import Backlogged, oldest_unsent, record, record_contact
from shared.backbone.timers import Timer, set_timer
from shared.events.envelope import Event
from shared.events.network import OrganisationListed
from shared.events.place import PlaceAcknowledged
from shared.events.streams import DIRECTORY_CONTACTS
from shared.events.vocabulary import OrganisationKind
from shared.runtime.actor import system
from shared.runtime.sealing import new_pair, public_key
from shared.runtime.store import Tx
from tests.shared.backbone.network import AT, Service, acknowledged, an_id, arrivals, until, wire

Services = Callable[[str], Awaitable[Service]]


async def _erase_a_contact(service: Service) -> None:
    key = public_key(new_pair()[0])
    async with service.store.transaction(system("directory")) as tx:
        await record_contact(tx, DIRECTORY_CONTACTS, None, contact_id=an_id(), version=1, time=AT, public_key=key)


async def test_writes_are_refused_while_the_oldest_event_waits_too_long_and_taken_again_once_it_is_sent(
    service: Services, topics: str
) -> None:
    directory = await service("directory")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        away = f"127.0.0.1:{nobody.getsockname()[1]}"
        async with directory.backbone(kafka=away, outbox_limit_s=0.01).running():
            await directory.says("a")

            async def full() -> bool:
                return directory.store.backlogged

            await until(full)
            with pytest.raises(Backlogged):
                await directory.says("b")
            with pytest.raises(Backlogged):
                await _erase_a_contact(directory)
    assert await oldest_unsent(directory.store) > 0
    async with directory.backbone().running():

        async def taken_again() -> bool:
            return not directory.store.backlogged

        await until(taken_again)
        await directory.says("b")

        async def sent() -> bool:
            return await oldest_unsent(directory.store) == 0

        await until(sent)
    assert [row["key"] for row in await directory.rows("SELECT key FROM outbox_sent ORDER BY seq")] == ["a", "b"]


async def test_an_event_whose_answer_cannot_be_taken_in_comes_again_and_is_not_put_aside(service: Services) -> None:
    referral = await service("referral")
    practice = OrganisationListed(
        code="X12345", kind=next(iter(OrganisationKind)), organisation_name="Made-Up Practice"
    )

    @referral.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        await record(tx, practice, subject=practice.code, key=practice.code, time=AT)

    hearing, batch = await referral.hearing(), arrivals(("a", wire(acknowledged(), "a")))
    referral.store.backlogged = True
    assert not await hearing.take(batch)
    assert await referral.rows("SELECT id FROM parked_event") == []
    referral.store.backlogged = False
    assert await hearing.take(batch)
    assert [row["key"] for row in await referral.rows("SELECT key FROM outbox")] == ["X12345"]


async def test_a_timer_whose_event_cannot_be_taken_in_stays_due(service: Services) -> None:
    directory = await service("directory")

    @directory.timers.on("reply")
    async def on_reply(tx: Tx, timer: Timer) -> None:
        await record(tx, acknowledged(), subject="late", key="late", time=AT)

    async with directory.store.transaction(system("directory")) as tx:
        await set_timer(tx, "reply", an_id(), AT)
    directory.store.backlogged = True
    with pytest.raises(Backlogged):
        await directory.timers.fire_due(directory.store)
    assert [row["attempts"] for row in await directory.rows("SELECT attempts FROM timer")] == [0]
    directory.store.backlogged = False
    await directory.timers.fire_due(directory.store)
    assert await directory.rows("SELECT kind FROM timer") == []
    assert len(await directory.rows("SELECT key FROM outbox")) == 1
