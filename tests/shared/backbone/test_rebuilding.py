"""A projection cleared, or a stream heard again, beside those who are at work on it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from shared.backbone import rebuilding
from shared.backbone.consumers import Record
from shared.backbone.rebuilding import NotWhole
from shared.backbone.subscription import LogRange
from shared.events.envelope import Event
from shared.events.network import OrganisationListed
from shared.events.place import PlaceAcknowledged
from shared.events.streams import NETWORK_EVENTS, PLACE_EVENTS, Stream
from shared.events.vocabulary import OrganisationKind
from shared.runtime.actor import system
from shared.runtime.store import Tx
from tests.shared.backbone.network import Service, acknowledged, arrivals, note, until, wire

Services = Callable[[str], Awaitable[Service]]
LOCKED = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def whole(stream: Stream, end: int) -> dict[int, LogRange]:
    """A log that holds its first `end` records of each partition."""
    return dict.fromkeys(range(stream.partitions), LogRange(0, end))


async def rebuild(service: Service, *, partial: bool = False) -> None:
    """Clear the projection of effects, whose stream has had one record a partition."""
    (projection,) = service.consumers.projections.values()
    async with service.store.transaction(system("test")) as tx:
        held = {stream.name: whole(stream, 1) for stream in projection.streams}
        await rebuilding.rebuild(tx, projection, held, partial=partial)


async def test_what_is_being_tried_again_leaves_nothing_behind_in_a_projection_that_is_cleared(
    service: Services,
) -> None:
    reporting, fails, begun, may_end = await service("reporting"), True, asyncio.Event(), asyncio.Event()
    reporting.consumers.projection("effects", streams=[PLACE_EVENTS], tables=["effect"])

    @reporting.consumers.on(PlaceAcknowledged, into="effects")
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        if fails:
            raise RuntimeError
        await note(tx, event)
        begun.set()
        await may_end.wait()

    assert await (await reporting.hearing()).take(arrivals(("k", wire(acknowledged(), "k"))))
    fails = False
    retrying = asyncio.create_task(reporting.retries(0.0).retry_next())
    await begun.wait()
    clearing = asyncio.create_task(rebuild(reporting))
    await until(lambda: reporting.rows(LOCKED))
    may_end.set()
    await asyncio.gather(retrying, clearing)
    assert await reporting.effects() == []
    assert await reporting.rows("SELECT 1 FROM parked_event") == []


async def test_a_compacted_stream_is_heard_again_whole_so_that_no_old_state_stands_last(service: Services) -> None:
    reporting, heard = await service("reporting"), list[str]()

    @reporting.consumers.on(OrganisationListed)
    async def on_organisation_listed(tx: Tx, event: Event[OrganisationListed]) -> None:
        heard.append(event.data.organisation_name)

    listed = [
        OrganisationListed(code="P1", kind=next(iter(OrganisationKind)), organisation_name=name)
        for name in ("old", "new")
    ]
    records = [Record(NETWORK_EVENTS.name, 0, n, "P1", wire(fact, "P1", n + 1)) for n, fact in enumerate(listed)]
    consumer = await reporting.hearing(NETWORK_EVENTS)
    assert await consumer.take(records[:1])
    await reporting.rows("DELETE FROM inbox RETURNING 1")  # so long ago was it heard
    assert await consumer.take(records[1:])
    async with reporting.store.transaction(system("test")) as tx:
        await rebuilding.restart(tx, NETWORK_EVENTS, "beginning", whole(NETWORK_EVENTS, 2))
    await consumer.load_positions()
    assert await consumer.take(records)
    assert heard == ["old", "new", "old", "new"]


@pytest.mark.parametrize("known", ["by its end", "by the broker, which knows nobody"])
async def test_a_log_that_is_not_the_one_that_was_read_makes_no_projection_anew(service: Services, known: str) -> None:
    reporting = await service("reporting")
    reporting.consumers.projection("effects", streams=[PLACE_EVENTS], tables=["effect"])
    reporting.consumers.on(PlaceAcknowledged, into="effects")(note)
    consumer, end = await reporting.hearing(), 1 if known == "by its end" else 9
    assert await consumer.take(arrivals(("k", wire(acknowledged(), "k")), ("k", wire(acknowledged(), "k", 2))))
    async with reporting.store.transaction(system("test")) as tx:
        forgotten = set[int]() if known == "by its end" else {0}
        await rebuilding.restart(tx, PLACE_EVENTS, "beginning", whole(PLACE_EVENTS, end), forgotten)
    with pytest.raises(NotWhole):
        await rebuild(reporting)
    assert len(await reporting.effects()) == 2
    await rebuild(reporting, partial=True)
    await consumer.load_positions()
    assert await consumer.take(arrivals(("k", wire(acknowledged(), "k", 2)), ("k", wire(acknowledged(), "k", 3))))
    assert [row["sequence"] for row in await reporting.effects()] == [2, 3]  # and none of them is too early
    with pytest.raises(NotWhole):
        await rebuild(reporting)


async def test_a_restart_that_meets_a_batch_half_way_tries_again(
    service: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting, tried = await service("reporting"), 0
    reporting.writes_effects()
    backbone, restart, consumer = reporting.backbone(), rebuilding.restart, await reporting.hearing()
    held = AsyncMock(return_value=whole(PLACE_EVENTS, 5))
    monkeypatch.setattr(backbone, "_heard", lambda name: Mock(log_ranges=held, replaced=(), consumer=consumer))

    async def once_in_the_way(*told: Any) -> None:
        nonlocal tried
        tried += 1
        await restart(*told)
        if tried == 1:
            raise ConnectionError

    monkeypatch.setattr(rebuilding, "restart", once_in_the_way)
    await backbone.restart("place-events", "end", system("test"))
    assert (tried, (await consumer.load_positions())[0]) == (2, 5)


async def test_where_a_log_was_replaced_what_is_sent_again_still_comes_before_what_is_new(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(("a", wire(acknowledged(), "a"))))
    async with reporting.store.transaction(system("test")) as tx:
        await rebuilding.restart(tx, PLACE_EVENTS, "beginning", whole(PLACE_EVENTS, 0))
    await consumer.load_positions()
    assert await consumer.take(arrivals(("b", wire(acknowledged(), "b", 2)), ("b", wire(acknowledged(), "b"))))
    assert [(row["key"], row["sequence"]) for row in await reporting.effects()] == [("a", 1), ("b", 1), ("b", 2)]
