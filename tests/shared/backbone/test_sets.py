"""Set handlers: all new events of a batch in one call, in the log's order, and one bad event in nobody's way."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from shared.backbone.batch import TOO_MANY
from shared.backbone.consumers import Consumers
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged, PlaceDeclined
from shared.events.referral import ReferralClosed
from shared.events.streams import PLACE_EVENTS
from shared.runtime.store import Tx
from tests.shared.backbone.network import Service, acknowledged, arrivals, declined, note, wire

Services = Callable[[str], Awaitable[Service]]
PARKED = "SELECT key, attempts, error_class FROM parked_event ORDER BY id"


class Together:
    """A set handler that notes its events, unless one of them is of a bad key."""

    def __init__(self, service: Service, *bad: str) -> None:
        self.bad, self.calls = bad, list[int]()
        service.consumers.on_many(PLACE_EVENTS, PlaceAcknowledged, PlaceDeclined)(self.hear)

    async def hear(self, tx: Tx, events: Sequence[Event[Any]]) -> None:
        self.calls.append(len(events))
        sql = (
            "INSERT INTO effect (key, event_id, sequence) SELECT * FROM unnest(CAST(:k AS text[]), CAST(:i AS uuid[]),"
        )
        sql += " CAST(:s AS bigint[])) RETURNING 1"
        await tx.rows(sql, k=[e.key for e in events], i=[e.id for e in events], s=[e.sequence for e in events])
        if any(event.key in self.bad and event.sequence == 1 for event in events):
            raise RuntimeError


async def heard(service: Service) -> list[tuple[str, int]]:
    return [(row["key"], row["sequence"]) for row in await service.effects()]


async def test_a_set_handler_is_given_all_new_events_of_a_batch_at_once_in_the_logs_order(service: Services) -> None:
    reporting = await service("reporting")
    together, consumer = Together(reporting), await reporting.hearing()
    first = wire(acknowledged(), "a")
    values = [("a", first), ("b", wire(declined(), "b")), ("a", first), ("a", wire(declined(), "a", 2))]
    assert await consumer.take(arrivals(*values))
    assert await consumer.take(arrivals(("a", first), start=4))
    assert await heard(reporting) == [("a", 1), ("b", 1), ("a", 2)]
    assert together.calls == [3]
    assert consumer.counts == {"handled": 3, "repeated": 2}


async def test_what_came_too_early_joins_the_set_behind_what_it_waited_for(service: Services) -> None:
    reporting = await service("reporting")
    together, consumer = Together(reporting), await reporting.hearing()
    said = {number: ("a", wire(acknowledged(), "a", number)) for number in (1, 2, 3, 4)}
    assert await consumer.take(arrivals(said[1], said[3]))
    assert await consumer.take(arrivals(said[2], said[4], start=2))
    assert await heard(reporting) == [("a", 1), ("a", 2), ("a", 3), ("a", 4)]
    assert together.calls == [1, 3]
    assert await reporting.rows(PARKED) == []


async def test_of_a_set_that_fails_the_one_at_fault_alone_is_put_aside(service: Services) -> None:
    reporting = await service("reporting")
    together, consumer = Together(reporting, "k5"), await reporting.hearing()
    values = [(f"k{n}", wire(acknowledged(), f"k{n}", turn)) for turn in (1, 2) for n in range(16)]
    assert await consumer.take(arrivals(*values))
    parked = [(row["key"], row["attempts"], row["error_class"]) for row in await reporting.rows(PARKED)]
    assert parked == [("k5", 1, "RuntimeError"), ("k5", 0, "")]
    expected = [(f"k{n}", turn) for turn in (1, 2) for n in range(16) if n != 5]
    assert await heard(reporting) == expected
    assert len(together.calls) < 16  # halves, and not one after another
    together.bad = ()
    await reporting.retries(0.0).retry_due()
    assert await heard(reporting) == [*expected, ("k5", 1), ("k5", 2)]


async def test_when_too_many_of_a_set_fail_in_a_row_the_rest_is_left_on_the_stream(service: Services) -> None:
    reporting = await service("reporting")
    keys = [f"k{n}" for n in range(TOO_MANY + 6)]
    Together(reporting, *keys)
    consumer = await reporting.hearing()
    assert not await consumer.take(arrivals(*((key, wire(acknowledged(), key)) for key in keys)))
    assert consumer.stopped
    assert consumer.positions[0] == len(await reporting.rows(PARKED)) == TOO_MANY


async def test_many_that_cannot_be_read_in_a_row_stop_the_stream_too(service: Services) -> None:
    reporting = await service("reporting")
    Together(reporting)
    consumer = await reporting.hearing()
    assert not await consumer.take(arrivals(*((f"k{n}", b"no json") for n in range(TOO_MANY + 6))))
    assert consumer.positions[0] == len(await reporting.rows(PARKED)) == TOO_MANY


def test_a_type_has_a_handler_of_one_kind_and_belongs_to_the_stream_it_is_heard_on() -> None:
    reporting = Consumers("reporting")
    reporting.on(PlaceAcknowledged)(note)

    async def hear(tx: Tx, events: Sequence[Event[Any]]) -> None:
        raise NotImplementedError

    with pytest.raises(ValueError, match="already handles"):
        reporting.on_many(PLACE_EVENTS, PlaceDeclined, PlaceAcknowledged)(hear)
    with pytest.raises(ValueError, match="no reader"):
        reporting.on_many(PLACE_EVENTS, ReferralClosed)(hear)
