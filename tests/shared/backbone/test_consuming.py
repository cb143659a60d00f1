"""A batch: each event once, in order, and one bad event in nobody's way. Records are given by hand."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from unittest.mock import Mock
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from shared.backbone import consuming, parking
from shared.backbone.batch import TOO_MANY, Batch
from shared.backbone.consumers import Consumers, Record
from shared.backbone.sequences import is_forgotten
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged, PlaceDeclined
from shared.runtime.store import Tx
from tests.shared.backbone.network import Service, acknowledged, an_id, arrivals, declined, note, wire

Services = Callable[[str], Awaitable[Service]]
PARKED = "SELECT key, attempts, error_class, next_at, payload FROM parked_event ORDER BY id"


async def position(service: Service, partition: int = 0) -> int:
    sql = "SELECT next_offset FROM consumer_position WHERE stream = 'place-events' AND partition = :partition"
    return int((await service.rows(sql, partition=partition))[0]["next_offset"])


async def test_a_repeated_event_takes_effect_once_within_a_batch_and_across_batches(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer, event = await reporting.hearing(), wire(acknowledged(), "a")
    assert await consumer.take(arrivals(("a", event), ("a", event)))
    assert await consumer.take(arrivals(("a", event), ("a", wire(acknowledged(), "a", 2)), start=2))
    assert [row["sequence"] for row in await reporting.effects()] == [1, 2]
    assert consumer.counts == {"handled": 2, "repeated": 2}


async def test_what_is_logged_while_an_event_is_handled_bears_its_ids(service: Services) -> None:
    reporting, bound = await service("reporting"), dict[str, object]()

    @reporting.consumers.on(PlaceAcknowledged)
    async def look(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        bound.update(get_contextvars(), wanted=(event.correlation, str(event.id)))

    assert await (await reporting.hearing()).take(arrivals(("a", wire(acknowledged(), "a"))))
    assert (bound["correlation"], bound["event_id"]) == bound["wanted"]
    assert "event_id" not in get_contextvars()


async def test_a_type_nobody_here_handles_is_skipped_and_the_position_moves_on(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    newer = wire(acknowledged(), "a", 2).replace(b"kith.place-acknowledged.v1", b"kith.place-moved-house.v1")
    values = wire(declined(), "a"), newer, wire(acknowledged(), "a", 3)
    assert await consumer.take(arrivals(*(("a", value) for value in values)))
    assert len(await reporting.effects()) == 1
    assert consumer.counts == {"skipped": 2, "handled": 1}
    assert await position(reporting) == 3


@pytest.mark.parametrize(
    "value",
    [
        b"no json at all",
        b'["not", "an", "object"]',
        wire(acknowledged(), "bad").replace(b'"prescription_id"', b'"prescription"'),
        wire(acknowledged(), "bad").replace(b'"id"', b'"idee"', 1),
        wire(acknowledged(), "bad").replace(b'"id":"', b'"id":"urn:uuid:', 1),
        None,
    ],
)
async def test_what_breaks_its_contract_is_parked_at_once_and_other_keys_flow(
    service: Services, value: bytes | None
) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(("bad", value), ("good", wire(acknowledged(), "good"))))
    assert [row["key"] for row in await reporting.effects()] == ["good"]
    (parked,) = await reporting.rows(PARKED)
    assert (parked["key"], parked["error_class"], parked["next_at"]) == ("bad", "Unreadable", None)
    assert await position(reporting) == 2


async def test_an_event_that_fails_is_put_aside_and_later_ones_of_its_key_wait_behind_it(service: Services) -> None:
    reporting = await service("reporting")

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        await note(tx, event)
        if (event.key, event.sequence) == ("bad", 1):
            raise RuntimeError("words that must not be kept")

    consumer = await reporting.hearing()
    values = [(key, wire(acknowledged(), key, n)) for n in (1, 2) for key in ("a", "bad", "b")]
    assert await consumer.take(arrivals(*values))
    assert await consumer.take(arrivals(("bad", wire(acknowledged(), "bad", 3)), start=6))
    effects = [(row["key"], row["sequence"]) for row in await reporting.effects()]
    assert effects == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    parked = [(row["key"], row["attempts"], row["error_class"]) for row in await reporting.rows(PARKED)]
    assert parked == [("bad", 1, "RuntimeError"), ("bad", 0, ""), ("bad", 0, "")]


async def test_what_is_put_aside_is_said_once_however_often_the_batch_was_taken_apart(service: Services) -> None:
    reporting = await service("reporting")

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        raise RuntimeError

    consumer = await reporting.hearing()
    with capture_logs() as logs:
        assert await consumer.take(arrivals(("odd", b"no json"), ("bad", wire(acknowledged(), "bad"))))
    assert [(line["event"], line["error"]) for line in logs] == [
        ("put-aside", "Unreadable"),
        ("put-aside", "RuntimeError"),
    ]


async def test_when_too_many_fail_in_a_row_the_rest_is_left_on_the_stream(service: Services) -> None:
    reporting, broken = await service("reporting"), True

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        if broken:
            raise RuntimeError
        await note(tx, event)

    consumer = await reporting.hearing()
    batch = arrivals(*((f"k{n}", wire(acknowledged(), f"k{n}")) for n in range(TOO_MANY + 5)))
    assert not await consumer.take(batch)
    assert consumer.stopped
    assert len(await reporting.rows(PARKED)) == TOO_MANY
    assert await position(reporting) == TOO_MANY
    assert not await consumer.take(batch[TOO_MANY:])
    broken = False
    consumer.failed_in_a_row = 0  # what a redrive that succeeds does
    assert await consumer.take(batch)
    assert [row["key"] for row in await reporting.effects()] == [f"k{n}" for n in range(TOO_MANY, TOO_MANY + 5)]


async def test_a_member_that_lost_its_partition_cannot_write(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    owner, zombie = await reporting.hearing(), await reporting.hearing()
    batch = arrivals(*((f"k{n}", wire(acknowledged(), f"k{n}")) for n in range(3)))
    assert await owner.take(batch)
    later = arrivals(("z", wire(acknowledged(), "z")), start=3)
    assert not await zombie.take(later)  # it believes that it stands at 0
    assert [row["key"] for row in await reporting.effects()] == ["k0", "k1", "k2"]
    assert await zombie.take(later)  # it has learnt where the stream stands
    assert not await owner.take(later)
    assert len(await reporting.effects()) == 4


async def test_a_passing_trouble_gives_the_batch_back_and_parks_nothing(service: Services) -> None:
    reporting, cut = await service("reporting"), True

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        await note(tx, event)
        if cut and event.key == "b":
            await tx.rows("SELECT pg_terminate_backend(pg_backend_pid())")

    consumer = await reporting.hearing()
    batch = arrivals(*((key, wire(acknowledged(), key)) for key in "abc"))
    assert not await consumer.take(batch)
    assert not await reporting.effects()
    assert not await reporting.rows(PARKED)
    cut = False
    assert await consumer.take(batch)
    assert [row["key"] for row in await reporting.effects()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "mistake", ["a value of the wrong kind", "a statement that is none", "a file that is not there"]
)
async def test_a_mistake_of_ours_is_put_aside_and_never_taken_for_a_passing_trouble(
    service: Services, mistake: str
) -> None:
    reporting = await service("reporting")

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        if mistake == "a value of the wrong kind":
            await tx.rows("SELECT CAST(:id AS uuid)", id="no id")
        elif mistake == "a statement that is none":
            await tx.rows("SELEKT 1")
        raise FileNotFoundError

    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(("a", wire(acknowledged(), "a"))))
    assert len(await reporting.rows(PARKED)) == 1


async def test_a_record_that_nothing_can_be_done_with_is_put_aside_as_it_came(
    service: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting, act_on = await service("reporting"), Batch.act_on
    reporting.writes_effects()

    async def stumbles(batch: Batch, tx: Tx, records: Sequence[Record], whole: Collection[int]) -> None:
        await act_on(batch, tx, records, whole)
        if "odd" in {record.key for record in records}:
            raise OverflowError

    monkeypatch.setattr(Batch, "act_on", stumbles)
    consumer = await reporting.hearing()
    values = [(key, wire(acknowledged(), key)) for key in ("a", "odd", "b")]
    assert await consumer.take(arrivals(*values))
    assert [row["key"] for row in await reporting.effects()] == ["a", "b"]
    (parked,) = await reporting.rows(PARKED)
    assert [*parked.values()] == ["odd", 1, "OverflowError", None, values[1][1]]
    assert await position(reporting) == 3


async def test_many_records_that_nothing_can_be_done_with_stop_the_stream(
    service: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()

    async def stumbles(batch: Batch, tx: Tx, records: Sequence[Record], whole: Collection[int]) -> None:
        raise OverflowError

    monkeypatch.setattr(Batch, "act_on", stumbles)
    consumer = await reporting.hearing()
    assert not await consumer.take(arrivals(*((f"k{n}", b"") for n in range(TOO_MANY + 5))))
    assert len(await reporting.rows(PARKED)) == await position(reporting) == TOO_MANY


@pytest.mark.parametrize("id_", [UUID(int=2**128 - 1), UUID(int=0), UUID("e677d21f-0000-4000-8000-000000000000")])
def test_any_uuid_may_be_asked_whether_it_is_forgotten(id_: UUID) -> None:
    assert is_forgotten(str(id_), 30) is (id_.int == 0)
    assert not is_forgotten(str(an_id()), 30)


async def test_what_a_handler_records_names_its_event_as_the_cause(service: Services) -> None:
    reporting, id_, seen = await service("reporting"), an_id(), list[tuple[object, ...]]()

    @reporting.consumers.on(PlaceDeclined)
    async def on_place_declined(tx: Tx, event: Event[PlaceDeclined]) -> None:
        seen.append((tx.causation, tx.correlation, tx.actor.subject))

    consumer = await reporting.hearing()
    assert await consumer.take(arrivals(("a", wire(declined(), "a", id_=id_))))
    assert seen == [(id_, "test", "system:reporting")]


def test_an_event_has_one_handler_in_a_service_and_only_readers_may_hear_it() -> None:
    reporting = Consumers("reporting")
    reporting.on(PlaceAcknowledged)(note)
    with pytest.raises(ValueError, match="already handles"):
        reporting.on(PlaceAcknowledged)(note)
    with pytest.raises(ValueError, match="no reader"):
        Consumers("directory").on(PlaceAcknowledged)(note)


async def test_a_store_that_is_slow_is_no_events_fault(service: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    consumer = await reporting.hearing()
    monkeypatch.setattr(consuming, "LONGEST_PAUSE_S", 0.0)
    with monkeypatch.context() as slow:
        too_long = DBAPIError("SELECT 1", None, asyncpg.QueryCanceledError("took too long"))
        slow.setattr(parking, "is_empty", Mock(side_effect=too_long))
        assert not await consumer.take(arrivals(("a", wire(acknowledged(), "a"))))
    assert await reporting.backbone().parked() == []
    assert await consumer.take(arrivals(("a", wire(acknowledged(), "a"))))
