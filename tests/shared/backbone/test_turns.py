"""Each subject's events are numbered: a repeat is dropped, a gap waits and is seen, and nothing else waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from uuid import UUID

import pytest

from shared.backbone import rebuilding
from shared.backbone.consumers import Record
from shared.backbone.subscription import LogRange
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged
from shared.events.streams import PLACE_EVENTS
from shared.runtime.actor import Actor, Role
from shared.runtime.store import Tx
from tests.shared.backbone.network import Service, acknowledged, arrivals, declined, note, until, wire

Services = Callable[[str], Awaitable[Service]]
OPERATOR = Actor("operator-1", frozenset({Role.OPERATOR}))


def said(subject: str, *numbers: int, key: str = "k") -> list[tuple[str, bytes | None]]:
    """Acknowledgements about one subject, as they lie under a key."""
    return [(key, wire(acknowledged(), subject, number)) for number in numbers]


async def heard(service: Service) -> list[int]:
    return [row["sequence"] for row in await service.effects()]


async def states(service: Service) -> list[tuple[str, int | None]]:
    return [(event.state, event.sequence) for event in await service.backbone().parked()]


async def test_what_came_too_early_waits_for_its_turn_and_nothing_waits_behind_it(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(*said("a", 1, 3, 4), *said("b", 1, 2)))
    assert await heard(reporting) == [1, 1, 2]
    assert await states(reporting) == [("early", 3), ("early", 4)]
    assert await consumer.take(arrivals(*said("a", 2), start=5))
    assert await heard(reporting) == [1, 1, 2, 2, 3, 4]
    assert await states(reporting) == []


async def test_a_gap_that_fills_within_the_batch_is_nobodys_business(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(*said("a", 3, 2, 1)))
    assert await heard(reporting) == [1, 2, 3]
    assert consumer.counts == {"handled": 3}


async def test_a_lower_number_is_a_repeat_when_its_id_is_old_enough_to_be_forgotten(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    old = [("k", wire(acknowledged(), "a", number, UUID(int=number))) for number in (1, 2)]
    assert await consumer.take(arrivals(*old))
    await reporting.rows("DELETE FROM inbox RETURNING 1")
    assert await consumer.take(arrivals(*old, *said("a", 3), start=2))
    assert await heard(reporting) == [1, 2, 3]
    assert consumer.counts == {"handled": 3, "repeated": 2}


async def test_another_event_under_a_number_heard_before_is_put_aside_and_not_dropped(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer, backbone = await reporting.hearing(), reporting.backbone()
    assert await consumer.take(arrivals(*said("a", 1, 2)))
    assert await consumer.take(arrivals(*said("a", 1, 3), *said("b", 1, key="other"), start=2))
    assert await heard(reporting) == [1, 2, 1]
    assert [(each.state, each.error_class) for each in await backbone.parked()] == [
        ("parked", "NumberTaken"),
        ("waiting", ""),
    ]
    await backbone.redrive((await backbone.parked())[0].id, OPERATOR)
    await reporting.retries(0.0).retry_due()
    assert await heard(reporting) == [1, 2, 1, 1, 3]


async def test_another_event_under_a_number_that_waits_its_turn_is_put_aside_and_not_dropped(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(*said("a", 1, 3), *said("a", 3, key="other")))
    assert await consumer.take(arrivals(*said("a", 3, key="third"), *said("a", 2), start=3))
    assert await heard(reporting) == [1, 2, 3]
    parked = await reporting.backbone().parked()
    assert {(each.key, each.error_class) for each in parked} == {("other", "NumberTaken"), ("third", "NumberTaken")}


async def test_nothing_is_acted_on_ahead_of_its_turn_because_something_was_skipped_once(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing(first=100)
    assert await consumer.take(arrivals(*said("a", 5), start=100))
    assert await consumer.take(arrivals(*said("a", 7), *said("a", 7, key="other"), start=101))
    assert await heard(reporting) == [5]
    assert await consumer.take(arrivals(*said("a", 6), start=103))
    assert await heard(reporting) == [5, 6, 7]
    assert [event.error_class for event in await reporting.backbone().parked()] == ["NumberTaken"]


async def test_one_under_a_number_heard_before_is_not_tried_by_itself_when_what_it_waits_behind_is_mended(
    service: Services,
) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer, backbone = await reporting.hearing(), reporting.backbone()
    assert await consumer.take(arrivals(*said("a", 1), ("k", b"no JSON"), *said("a", 1)))
    bad, taken = await backbone.parked()
    assert (bad.state, taken.state) == ("parked", "parked")
    await backbone.discard(bad.id, "A test", OPERATOR)
    await reporting.retries(0.0).retry_due()
    assert await heard(reporting) == [1]


async def test_of_two_batches_that_hear_one_event_at_once_the_loser_comes_again_and_drops_it(service: Services) -> None:
    reporting, losing = await service("reporting"), list[asyncio.Task[bool]]()
    told = said("a", 1)
    one, other = await reporting.hearing(), await reporting.hearing()

    async def waits() -> bool:
        return bool(await reporting.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        await note(tx, event)
        if event.subject == "b":
            losing.append(asyncio.create_task(other.take(arrivals(*told, partition=1))))
            await until(waits)

    assert await one.take(arrivals(*told, *said("b", 1)))
    assert not await losing[0]
    assert await other.take(arrivals(*told, partition=1))
    assert await heard(reporting) == [1, 1]


async def test_what_was_heard_before_anybody_counted_has_had_its_turn(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    before = said("a", 1, 2)
    assert await consumer.take(arrivals(*before))
    await reporting.rows("DELETE FROM heard_subject RETURNING 1")
    assert await consumer.take(arrivals(*before, *said("a", 3), start=2))
    assert await heard(reporting) == [1, 2, 3]
    assert await states(reporting) == []


async def test_types_nobody_here_handles_are_counted_too(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(("k", wire(declined(), "a", 2)), *said("a", 3)))
    assert await states(reporting) == [("early", 2), ("early", 3)]
    assert await consumer.take(arrivals(*said("a", 1), start=2))
    assert await heard(reporting) == [1, 3]
    assert await states(reporting) == []


async def test_of_a_log_that_was_not_read_from_its_beginning_any_number_may_come_first(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing(first=100)
    assert await consumer.take(arrivals(*said("a", 7, 8, 10), start=100))
    assert await heard(reporting) == [7, 8]
    assert await states(reporting) == [("early", 10)]


async def test_one_that_is_put_aside_was_accounted_for(service: Services) -> None:
    reporting = await service("reporting")

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        if event.sequence == 1:
            raise RuntimeError
        await note(tx, event)

    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(*said("a", 2, key="other"), *said("a", 1, key="bad")))
    assert await heard(reporting) == [2]
    assert await states(reporting) == [("retrying", None)]


async def test_one_taken_up_that_fails_is_put_aside_and_not_the_one_it_waited_for(service: Services) -> None:
    reporting = await service("reporting")

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        await note(tx, event)
        if event.sequence == 2:
            raise RuntimeError

    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(*said("a", 2, 3)))
    assert await consumer.take(arrivals(*said("a", 1), start=2))
    assert await heard(reporting) == [1]
    assert await states(reporting) == [("retrying", None), ("waiting", None)]


async def test_a_redrive_gives_up_what_is_missing_and_what_follows_comes_in_order(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer, backbone = await reporting.hearing(), reporting.backbone()
    assert await consumer.take(arrivals(*said("a", 1, 6, 5, 3, 9)))
    parked = {event.sequence: event.id for event in await backbone.parked()}
    await backbone.redrive(parked[5], OPERATOR)
    await reporting.retries(0.0).retry_due()
    assert await heard(reporting) == [1, 3, 5, 6]
    assert await states(reporting) == [("early", 9)]
    assert await consumer.take(arrivals(*said("a", 7, 8, 4), start=5))
    assert await heard(reporting) == [1, 3, 5, 6, 7, 8, 9, 4]  # not in its turn, but not lost
    assert await states(reporting) == []


async def test_a_discard_gives_up_what_is_missing_too(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer, backbone = await reporting.hearing(), reporting.backbone()
    assert await consumer.take(arrivals(*said("a", 1, 3, 4)))
    await backbone.discard((await backbone.parked())[0].id, "of a service that is gone", OPERATOR)
    await reporting.retries(0.0).retry_due()
    assert await heard(reporting) == [1, 4]
    assert len(await reporting.rows("SELECT 1 FROM discarded_event")) == 1


@pytest.mark.parametrize("rest", ["in one batch", "in the next"])
async def test_what_was_passed_over_on_purpose_and_comes_after_all_is_acted_on_once(
    service: Services, rest: str
) -> None:
    """Retention took 3 and 4 of one subject and 1 of another; an operator went on, and the owner sends it all again."""
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer, b = await reporting.hearing(), said("b", 1, 2)
    a = said("a", 1, 2, 3, 4, 5, 6)
    assert await consumer.take(arrivals(*a[:2], a[4]))
    async with reporting.store.transaction(OPERATOR) as tx:
        await rebuilding.restart(tx, PLACE_EVENTS, "beginning", dict.fromkeys(range(12), LogRange(20, 30)))
    await reporting.retries(0.0).retry_due()
    await consumer.load_positions()
    gone_on, again = arrivals(a[5], b[1], start=20), arrivals(*a, *b, start=22)
    for records in [[*gone_on, *again]] if rest == "in one batch" else [gone_on, again]:
        assert await consumer.take(records)
    assert await heard(reporting) == [1, 2, 5, 6, 2, 3, 4, 1]
    assert await consumer.take(arrivals(*a, *b, *said("a", 7, 2), start=30))
    assert await heard(reporting) == [1, 2, 5, 6, 2, 3, 4, 1, 7]
    assert [each.error_class for each in await reporting.backbone().parked()] == ["NumberTaken"]


async def test_of_two_batches_that_count_one_subject_at_once_the_loser_comes_again(service: Services) -> None:
    reporting, waits = await service("reporting"), True
    told = [("k", wire(declined(), "a", 1)), *said("a", 2)]
    one, other = await reporting.hearing(), await reporting.hearing()

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        nonlocal waits
        await note(tx, event)
        if event.sequence == 2 and waits:
            waits = False
            assert await one.take(arrivals(told[0], partition=1))

    assert await other.take(arrivals(*said("b", 1)))
    batch = arrivals(*told, start=1)
    assert not await other.take(batch)
    assert await other.take(batch)
    assert await heard(reporting) == [1, 2]


async def test_a_turn_that_comes_in_one_batch_while_another_puts_it_aside_is_not_missed(service: Services) -> None:
    reporting = await service("reporting")
    one, other = await reporting.hearing(), await reporting.hearing()

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        await note(tx, event)
        if event.subject == "b":
            assert await other.take(arrivals(*said("a", 1), partition=1))

    assert await one.take(arrivals(*said("b", 1), *said("a", 2)))
    assert await states(reporting) == [("early", 2)]
    await reporting.retries(0.0).retry_due()
    assert sorted(await heard(reporting)) == [1, 1, 2]
    assert await one.take(arrivals(*said("a", 3), start=2))
    assert await heard(reporting) == [1, 1, 2, 3]


@pytest.mark.parametrize("seed", range(3))
async def test_three_of_each_in_any_order_over_several_partitions_come_once_and_in_order(
    service: Services, seed: int
) -> None:
    reporting, random = await service("reporting"), Random(seed)
    reporting.writes_effects()
    consumer = await reporting.hearing()
    events = [(f"s{n % 5}", wire(acknowledged(), f"s{n % 5}", n // 5 + 1)) for n in range(60)] * 3
    events = [event for _, event in sorted(enumerate(events), key=lambda each: each[0] % 60 + random.uniform(-50, 50))]
    ends = dict.fromkeys(range(3), 0)
    for start in range(0, len(events), 20):
        records = list[Record]()
        for key, value in events[start : start + 20]:
            partition = random.randrange(3)
            records += arrivals((key, value), start=ends[partition], partition=partition)
            ends[partition] += 1
        assert await consumer.take(sorted(records, key=lambda record: (record.partition, record.position)))
    effects = await reporting.effects()
    for subject in {key for key, _ in events}:
        assert [row["sequence"] for row in effects if row["key"] == subject] == list(range(1, 13))
    assert await states(reporting) == []
