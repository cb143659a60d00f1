"""What is put aside: tried again, drained in order, parked, mended or discarded by an operator."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from shared.backbone.parking import NotParked
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged
from shared.runtime.actor import Actor, Role
from shared.runtime.store import Tx
from tests.shared.backbone.network import Service, acknowledged, arrivals, note, until, wire

Services = Callable[[str], Awaitable[Service]]
OPERATOR = Actor("operator-1", frozenset({Role.OPERATOR}))


@dataclass
class Moody:
    """A handler that fails for some keys until it is mended."""

    service: Service
    fails_for: set[str] = field(default_factory=lambda: {"bad"})
    tries: int = 0

    def __post_init__(self) -> None:
        self.service.consumers.on(PlaceAcknowledged)(self.handle)

    async def handle(self, tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        self.tries += event.key in self.fails_for
        await note(tx, event)
        if event.key in self.fails_for and event.sequence == 1:
            raise RuntimeError("words that must not be kept")

    async def effects(self) -> list[tuple[str, int]]:
        return [(row["key"], row["sequence"]) for row in await self.service.effects()]


async def bad_then_good(service: Service) -> Moody:
    """Three events of a bad key, the first of which fails, and one of a good key; taken as one batch."""
    moody = Moody(service)
    consumer = await service.hearing()
    values = [("bad", wire(acknowledged(), "bad", n)) for n in (1, 2, 3)]
    assert await consumer.take(arrivals(*values, ("good", wire(acknowledged(), "good"))))
    assert await moody.effects() == [("good", 1)]
    return moody


async def test_a_retry_that_succeeds_drains_what_waited_in_order(service: Services) -> None:
    moody = await bad_then_good(await service("reporting"))
    moody.fails_for.clear()
    await moody.service.retries(0.0).retry_due()
    assert await moody.effects() == [("good", 1), ("bad", 1), ("bad", 2), ("bad", 3)]
    assert not await moody.service.backbone().parked()


async def test_after_the_last_try_an_event_stays_parked_and_its_key_waits(service: Services) -> None:
    moody = await bad_then_good(await service("reporting"))
    await moody.service.retries(0.0, 0.0, 0.0).retry_due()
    states = [(event.state, event.attempts, event.error_class) for event in await moody.service.backbone().parked()]
    assert states == [("parked", 4, "RuntimeError"), ("waiting", 0, ""), ("waiting", 0, "")]
    assert await moody.effects() == [("good", 1)]


async def test_an_operator_redrives_and_what_waited_follows_in_order(service: Services) -> None:
    moody = await bad_then_good(await service("reporting"))
    retries, backbone = moody.service.retries(0.0), moody.service.backbone()
    await retries.retry_due()
    await retries.retry_due()
    first = (await backbone.parked())[0]
    assert first.state == "parked"
    moody.fails_for.clear()
    assert not await backbone.redrive((await backbone.parked())[1].id, OPERATOR)  # it waits behind the first
    assert await backbone.redrive(first.id, OPERATOR)
    await retries.retry_due()
    assert await moody.effects() == [("good", 1), ("bad", 1), ("bad", 2), ("bad", 3)]
    with pytest.raises(NotParked):
        await backbone.redrive(first.id, OPERATOR)


async def test_an_operator_discards_with_a_reason_and_the_content_is_gone(service: Services) -> None:
    moody = await bad_then_good(await service("reporting"))
    backbone = moody.service.backbone()
    first = (await backbone.parked())[0]
    await backbone.discard(first.id, "sent twice by mistake", OPERATOR)
    await moody.service.retries(0.0).retry_due()
    assert await moody.effects() == [("good", 1), ("bad", 2), ("bad", 3)]
    (gone,) = await moody.service.rows("SELECT * FROM discarded_event")
    assert (gone["discarded_by"], gone["reason"], gone["position"]) == ("operator-1", "sent twice by mistake", 0)
    assert "payload" not in gone


async def test_a_repeat_of_an_event_that_waits_is_not_queued_again(service: Services) -> None:
    reporting = await service("reporting")
    moody, consumer, event = Moody(reporting), await reporting.hearing(), wire(acknowledged(), "bad")
    assert await consumer.take(arrivals(("bad", event)))
    assert await consumer.take(arrivals(("bad", event), start=1))
    assert len(await reporting.backbone().parked()) == 1
    moody.fails_for.clear()
    await reporting.retries(0.0).retry_due()
    assert await moody.effects() == [("bad", 1)]


async def test_a_bad_event_blocks_no_other_key_while_everything_runs(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    moody, heard = Moody(reporting), reporting.backbone()
    async with directory.backbone().running(), heard.running():
        await directory.says("bad", "good", "bad", "good")

        async def parked() -> bool:
            return [event.state for event in await heard.parked()] == ["parked", "waiting"]

        await until(parked)
        assert await moody.effects() == [("good", 1), ("good", 2)]
        assert 5 <= moody.tries <= 8  # in the batch, in each part of it that holds it, alone, then three times more
        moody.fails_for.clear()
        await heard.redrive((await heard.parked())[0].id, OPERATOR)
        await until(heard.settled)

        async def drained() -> bool:
            return not await heard.parked()

        await until(drained)
    assert await moody.effects() == [("good", 1), ("good", 2), ("bad", 1), ("bad", 2)]


async def test_a_stream_that_stopped_goes_on_when_what_was_put_aside_succeeds(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    keys = [f"k{n}" for n in range(15)]
    moody, heard = Moody(reporting, set(keys)), reporting.backbone()
    async with directory.backbone().running(), heard.running():
        await directory.says(*keys)

        async def stopped() -> bool:
            status = await heard.status()
            return status.parked == 10 and "place-events is stopped: too much failed in a row" in status.troubles

        await until(stopped)
        moody.fails_for.clear()
        await heard.redrive((await heard.parked())[0].id, OPERATOR)

        async def the_rest_came() -> bool:
            return len(await moody.effects()) == 6

        await until(the_rest_came)
        assert not (await heard.status()).troubles


async def test_what_one_process_mends_lets_the_others_go_on(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    keys = [f"k{n}" for n in range(80)]
    moody, one, other = Moody(reporting, set(keys)), reporting.backbone(), reporting.backbone()

    async def stopped() -> bool:
        states = [(await each.status()).streams for each in (one, other)]
        return all(streams and streams[0].stopped for streams in states)

    async def all_but_the_parked_came() -> bool:
        return len(await moody.effects()) == len(keys) - len(await one.parked())

    async def shared() -> bool:
        return all(each._subscriptions and each._subscriptions[0].assigned() for each in (one, other))

    async with directory.backbone().running(), one.running(), other.running():
        await until(shared)
        await directory.says(*keys)
        await until(stopped)
        moody.fails_for.clear()
        await one.redrive((await one.parked())[0].id, OPERATOR)
        await until(all_but_the_parked_came)
        assert not (await other.status()).troubles
