"""Between Kafka's reader and the consumer: whatever happens to a batch, what was not acted on is read again."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import anyio
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, UnknownTopicOrPartitionError

from shared.backbone import consuming, rebuilding
from shared.backbone.batch import TOO_MANY
from shared.backbone.broker import LISTEN_MS, make_broker, subscribe
from shared.backbone.consumers import Record, Tombstone
from shared.backbone.subscription import LogRange, Subscription
from shared.events.contact import ContactStated
from shared.events.envelope import Event
from shared.events.streams import DIRECTORY_CONTACTS, PLACE_EVENTS
from shared.runtime.actor import system
from shared.runtime.store import Tx
from tests.shared.backbone.network import Service, acknowledged, an_id, wire

Services = Callable[[str], Awaitable[Service]]
PLACE = TopicPartition("place-events", 0)


@dataclass
class Reader:
    """As much of Kafka's consumer as a batch meets."""

    at: int = 0
    trouble: Exception | None = None
    told: int | None = None
    sought: list[int] = field(default_factory=list)

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    async def position(self, place: TopicPartition) -> int:
        if self.trouble:
            raise self.trouble
        return self.at

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.at = offset
        self.sought.append(offset)

    async def beginning_offsets(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 0)

    async def end_offsets(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 10)

    async def committed(self, place: TopicPartition) -> int | None:
        return self.told

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.told = offsets[PLACE]

    def pause(self, *places: TopicPartition) -> None:
        """Nothing is given by itself."""

    resume = pause


@dataclass
class Raw:
    """A record as Kafka's consumer gives it."""

    offset: int
    key: bytes
    value: bytes
    partition: int = 0


async def reading(service: Service) -> tuple[Subscription, Reader]:
    service.writes_effects()
    subscription, reader = Subscription(await service.hearing(), "place-events"), Reader()
    subscription.reader = lambda: reader
    return subscription, reader


async def given(subscription: Subscription, reader: Reader, *offsets: int) -> bool:
    """The records of these offsets, as the reader gives them: it stands behind them then."""
    reader.at = offsets[-1] + 1
    raw: list[Any] = [Raw(offset, b"k", wire(acknowledged(), "k", offset + 1)) for offset in offsets]
    return await subscription.take(raw)


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "LONGEST_PAUSE_S", 0.0)


async def test_a_stream_that_was_stopped_for_very_long_goes_on_where_it_stood(
    service: Services, no_pause: None
) -> None:
    reporting = await service("reporting")
    subscription, reader = await reading(reporting)
    subscription.consumer.failed_in_a_row = TOO_MANY
    subscription.consumer._troubles = 5000
    assert not await given(subscription, reader, 0, 1)
    assert reader.at == 0
    subscription.consumer.failed_in_a_row = 0
    assert await given(subscription, reader, 0, 1)
    assert [row["sequence"] for row in await reporting.effects()] == [1, 2]


async def test_the_reader_goes_back_whatever_became_of_a_batch(
    service: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription, reader = await reading(await service("reporting"))

    async def broken(records: Sequence[Record]) -> bool:
        raise ArithmeticError

    async def cut_off(records: Sequence[Record]) -> bool:
        raise asyncio.CancelledError

    for take, error in ((broken, ArithmeticError), (cut_off, asyncio.CancelledError)):
        monkeypatch.setattr(subscription.consumer, "take", take)
        with pytest.raises(error):
            await given(subscription, reader, 0, 1)
        assert reader.at == 0


@pytest.mark.parametrize("trouble", [IllegalStateError(), UnknownTopicOrPartitionError()])
async def test_a_reader_that_cannot_say_where_it_stands_gives_nothing(service: Services, trouble: Exception) -> None:
    reporting = await service("reporting")
    subscription, reader = await reading(reporting)
    reader.trouble = trouble
    assert not await given(subscription, reader, 0)
    assert (reader.at, await reporting.effects()) == (0, [])


@pytest.mark.parametrize("offsets", [(2, 3), (0, 1, 3)])
async def test_what_the_reader_dropped_on_its_way_is_read_again(
    service: Services, no_pause: None, offsets: tuple[int, ...]
) -> None:
    reporting = await service("reporting")
    subscription, reader = await reading(reporting)
    assert not await given(subscription, reader, *offsets)
    assert (reader.at, await reporting.effects()) == (0, [])
    assert await given(subscription, reader, 0, 1, 2, 3)
    assert [row["sequence"] for row in await reporting.effects()] == [1, 2, 3, 4]


async def test_compaction_leaves_gaps_that_are_nobodys_business(service: Services) -> None:
    notifications = await service("notifications")
    heard = list[UUID]()

    @notifications.consumers.on_contacts(DIRECTORY_CONTACTS)
    async def on_contacts(tx: Tx, events: Sequence[Event[ContactStated] | Tombstone]) -> None:
        heard.extend(event.contact_id for event in events if isinstance(event, Tombstone))

    consumer, ids = await notifications.hearing(DIRECTORY_CONTACTS), [an_id(), an_id()]
    records = [Record(DIRECTORY_CONTACTS.name, 0, 5 + 5 * n, str(id_), None) for n, id_ in enumerate(ids)]
    assert await consumer.take(records)
    assert heard == ids
    assert consumer.positions[0] == 11


async def test_a_key_that_the_store_cannot_keep_is_told_in_another_way(service: Services) -> None:
    reporting = await service("reporting")
    subscription, _ = await reading(reporting)
    subscription.reader = lambda: Reader(at=1)
    odd: Any = Raw(0, b"o\0dd\xff", b"no json")
    assert await subscription.take([odd])
    assert [row["key"] for row in await reporting.rows("SELECT key FROM parked_event")] == ["o\ufffddd\ufffd"]


async def test_kafka_is_told_where_reading_begins_so_that_it_shows_when_it_has_forgotten(service: Services) -> None:
    subscription, reader = await reading(await service("reporting"))
    for _ in range(2):  # and again, when it has forgotten before anything was read
        reader.told = None
        await subscription.seek_to_stored({0}, anew=True)
        assert reader.told == 0
        assert not subscription.lost
    assert await given(subscription, reader, 0, 1)
    reader.told = None
    await subscription.seek_to_stored({0}, anew=True)
    await subscription.commit_offsets()
    assert reader.told is None
    assert set(subscription.lost) == subscription.replaced == {0}


async def test_where_an_operator_goes_on_at_the_same_place_it_is_lost_no_more(service: Services) -> None:
    reporting = await service("reporting")
    subscription, reader = await reading(reporting)
    assert await given(subscription, reader, *range(10))
    reader.told = None
    await subscription.seek_to_stored({0}, anew=True)
    assert set(subscription.lost) == {0}
    async with reporting.store.transaction(system("reporting")) as tx:
        await rebuilding.restart(tx, PLACE_EVENTS, "end", dict.fromkeys(range(12), LogRange(0, 10)))
    await subscription.seek_to_stored({0})
    assert subscription.lost == {}


async def test_on_leaving_kafka_is_told_nothing_lest_it_took_the_word_of_one_it_has_forgotten(
    service: Services,
) -> None:
    reporting = await service("reporting")
    subscription, reader = await reading(reporting)
    assert await given(subscription, reader, 0)
    await subscription.on_partitions_revoked({PLACE})
    assert reader.told is None


class Idle:
    """A reader to whom nothing comes."""

    def __init__(self) -> None:
        self.waited_ms = 0

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        self.waited_ms += timeout_ms
        return {}


async def test_where_nothing_comes_it_listens_on_without_a_pause(
    service: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, reporting, reader = make_broker("127.0.0.1:1", "reporting"), await service("reporting"), Idle()
    reporting.writes_effects()
    subscribe(broker, "reporting", await reporting.hearing())
    monkeypatch.setattr(anyio, "sleep", None)
    (subscriber,) = broker.subscribers
    assert await subscriber.get_msg(reader) == ()  # type: ignore[attr-defined]
    assert reader.waited_ms == LISTEN_MS
