"""Who stands still and must end, and who is only kept waiting; with as much of Kafka's consumer as a look needs."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from unittest.mock import AsyncMock

import pytest
from aiokafka import TopicPartition

from shared.backbone import positions
from shared.backbone.status import BackboneStatus, StreamStatus
from shared.backbone.subscription import Subscription
from shared.backbone.watching import Watchdog
from shared.events.streams import PLACE_EVENTS
from shared.runtime.actor import system
from tests.shared.backbone.network import Service

Services = Callable[[str], Awaitable[Service]]


@dataclass
class Reader:
    """Kafka's consumer, with one record in each partition and none ever given."""

    reads: set[int] = field(default_factory=lambda: set(range(PLACE_EVENTS.partitions)))

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition("place-events", number) for number in self.reads}

    async def beginning_offsets(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 0)

    async def end_offsets(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 1)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Nobody looks."""


async def watched(service: Service, reader: Reader) -> tuple[Subscription, Watchdog]:
    """A process that wants to end as soon as it has stood still for a moment."""
    service.writes_effects()
    subscription = Subscription(await service.hearing(), "place-events")
    subscription.reader, subscription.joined = lambda: reader, True
    return subscription, Watchdog(service.store, lambda: [subscription], 0.0, service._leave)


async def turns(watch: Watchdog) -> None:
    for _ in range(3):
        await watch.turn()


async def test_one_that_stands_still_ends_and_ends_once(service: Services) -> None:
    reporting = await service("reporting")
    _, watch = await watched(reporting, Reader())
    await turns(watch)
    await turns(watch)
    assert reporting.left == 1


async def test_nobody_ends_for_waiting_until_a_projection_is_cleared(service: Services) -> None:
    reporting = await service("reporting")
    _, watch = await watched(reporting, Reader())
    async with reporting.store.transaction(system("reporting")) as tx:
        await positions.stored(tx, "place-events", lock=True)
        await turns(watch)
        await turns(watch)
    assert reporting.left == 0
    await turns(watch)
    assert reporting.left == 1


async def test_an_idle_replica_does_not_end_for_what_others_leave_unread(service: Services) -> None:
    reporting = await service("reporting")
    subscription, watch = await watched(reporting, Reader(set()))
    await turns(watch)
    assert reporting.left == 0
    subscription.joined = False  # as one has not that Kafka has forgotten
    await turns(watch)
    assert reporting.left == 1


async def test_nothing_is_settled_while_something_is_early_or_ground_is_lost(
    service: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    backbone, status = reporting.backbone(), BackboneStatus(True, 0, 0, 0, 0, [], 0, 0, 0, 0)
    stream = StreamStatus("place-events", 0, 0, 0, None, False, 0, {})
    for now, settled in (
        (replace(status, streams=[stream]), True),
        (replace(status, streams=[stream], early=1), False),
        (replace(status, streams=[replace(stream, lost_ground="gone")]), False),
    ):
        monkeypatch.setattr(backbone, "status", AsyncMock(return_value=now))
        assert await backbone.settled() is settled
