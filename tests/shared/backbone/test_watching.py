"""What a process reads is looked after: it goes where the store says, says what is lost, and does not stand still."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from confluent_kafka.admin import AdminClient

from shared.backbone.rebuilding import NoProjection, NotHeard, NotWhole
from shared.backbone.running import Backbone
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged
from shared.events.streams import PLACE_EVENTS
from shared.runtime.actor import Actor, Role
from shared.runtime.store import Tx
from tests.engines import Engines
from tests.shared.backbone.network import Service, note, until

Services = Callable[[str], Awaitable[Service]]
OPERATOR = Actor("operator-1", frozenset({Role.OPERATOR}))
KEYS = [f"k{number}" for number in range(20)]


async def drop_records(kafka: str, topic: str) -> None:
    """The broker forgets all it holds of a topic, as retention would."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        places = [TopicPartition(topic, number) for number in range(PLACE_EVENTS.partitions)]
        await admin.delete_records({place: RecordsToDelete(before_offset=-1) for place in places})
    finally:
        await admin.close()


async def settled(*backbones: Backbone) -> None:
    async def all_settled() -> bool:
        return all([await backbone.settled() for backbone in backbones])

    await until(all_settled)


async def sequences(service: Service) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in await service.effects():
        found.setdefault(row["key"], []).append(row["sequence"])
    return found


def projects_effects(service: Service) -> None:
    """Hear that places are acknowledged as a projection that can be rebuilt."""
    service.consumers.projection("effects", streams=[PLACE_EVENTS], tables=["effect"])
    service.consumers.on(PlaceAcknowledged, into="effects")(note)


async def test_reading_follows_the_store_when_somebody_rewinds_it(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running(), heard.running():
        await directory.says(*KEYS)
        await settled(said, heard)
        await reporting.rows("DELETE FROM inbox RETURNING 1")
        await reporting.rows("DELETE FROM heard_subject RETURNING 1")
        await reporting.rows("UPDATE consumer_position SET next_offset = 0 RETURNING 1")

        async def twice() -> bool:
            return len(await reporting.effects()) == 40

        await until(twice)
        await settled(heard)
        assert await sequences(reporting) == {key: [1, 1] for key in KEYS}


async def test_what_retention_took_is_said_and_nothing_is_read_until_an_operator_goes_on(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running():
        async with reporting.backbone().running():
            await directory.says(*KEYS)
            await settled(said)
            await until(lambda: _count(reporting, 20))
        await directory.says(*KEYS)
        await settled(said)
        await drop_records(engines.kafka, f"{topics}place-events")
        async with heard.running():
            await until(lambda: _lost(heard))
            await directory.says("k0")
            await settled(said)
            (stream,) = (await heard.status()).streams
            assert "kith stream restart reporting place-events --from beginning" in str(stream.lost_ground)
            assert len(await reporting.effects()) == 20
            await heard.restart("place-events", "beginning", OPERATOR)
            await until(lambda: _count(reporting, 21))
            assert (await sequences(reporting))["k0"] == [1, 3]
            await settled(heard)
            status = await heard.status()
            assert (status.troubles, status.early) == ([], 0)


async def _count(service: Service, count: int) -> bool:
    return len(await service.effects()) == count


async def _lost(backbone: Backbone) -> bool:
    return any(stream.lost_ground for stream in (await backbone.status()).streams)


async def test_what_came_to_a_lost_place_again_is_not_passed_over(service: Services, topics: str) -> None:
    """The broker lost its log: new records grow over the place that was to be read next."""
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running(), heard.running():
        await directory.says("a")
        await settled(said, heard)
        await reporting.rows("UPDATE consumer_position SET next_offset = next_offset + 2 RETURNING 1")
        await until(lambda: _lost(heard))
        await directory.says("a", "a", "a")
        await settled(said)
        assert await _lost(heard)
        await heard.restart("place-events", "beginning", OPERATOR)
        await until(lambda: _count(reporting, 4))
        await settled(heard)
    assert await sequences(reporting) == {"a": [1, 2, 3, 4]}


async def test_an_operator_goes_on_at_the_end_and_what_follows_is_not_too_early(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    reporting.writes_effects()
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running():
        async with reporting.backbone().running():
            await directory.says("a")
            await until(lambda: _count(reporting, 1))
        await directory.says("a", "a", "b")
        await settled(said)
        await reporting.rows("UPDATE consumer_position SET next_offset = 1000 WHERE partition = 0 RETURNING 1")
        async with heard.running():
            await until(lambda: _answers(heard))
            await heard.restart("place-events", "end", OPERATOR)
            await until(lambda: _at_end(heard))
            await directory.says("a", "b", "c")
            await until(lambda: _count(reporting, 4))
            assert (await heard.status()).early == 0
    with pytest.raises(NotHeard):
        await heard.restart("no-such-stream", "end", OPERATOR)


async def _answers(backbone: Backbone) -> bool:
    return all(stream.end is not None for stream in (await backbone.status()).streams)


async def _at_end(backbone: Backbone) -> bool:
    (stream,) = (await backbone.status()).streams
    return stream.lag == 0 and stream.lost_ground is None


async def test_a_stream_that_stands_still_with_something_to_read_ends_the_process(
    service: Services, topics: str
) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    begun, never = asyncio.Event(), asyncio.Event()

    @reporting.consumers.on(PlaceAcknowledged)
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        begun.set()
        await never.wait()

    async with directory.backbone().running():
        await directory.says("a")
        heard = reporting.backbone(stuck_s=1.0)
        async with heard.running():
            await begun.wait()

            async def gave_up() -> bool:
                return reporting.left > 0

            await until(gave_up)
            assert (await heard.status()).troubles == ["place-events does not move"]
            never.set()
    assert reporting.left == 1


async def test_a_projection_is_cleared_and_heard_anew_while_everything_runs(service: Services, topics: str) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    projects_effects(reporting)
    said, one, other = directory.backbone(), reporting.backbone(), reporting.backbone()
    async with said.running(), one.running(), other.running():
        for _ in range(3):
            await directory.says(*KEYS)
        await settled(said, one)
        await reporting.rows("UPDATE effect SET key = 'wrong' RETURNING 1")
        await one.rebuild("effects", OPERATOR)
        (rebuild,) = await one.rebuilds()
        assert rebuild.total == 60
        await directory.says(*KEYS)
        await settled(said)

        async def rebuilt() -> bool:
            (now,) = await one.rebuilds()
            return not now.running and await one.settled()

        await until(rebuilt)
    assert await sequences(reporting) == {key: [1, 2, 3, 4] for key in KEYS}
    with pytest.raises(NoProjection):
        await one.rebuild("no such thing", OPERATOR)


async def test_what_was_discarded_stays_so_when_it_is_heard_anew(service: Services, topics: str) -> None:
    directory, reporting, bad = await service("directory"), await service("reporting"), {2}
    reporting.consumers.projection("effects", streams=[PLACE_EVENTS], tables=["effect"])

    @reporting.consumers.on(PlaceAcknowledged, into="effects")
    async def on_place_acknowledged(tx: Tx, event: Event[PlaceAcknowledged]) -> None:
        await note(tx, event)
        if event.sequence in bad:
            raise RuntimeError

    said, heard = directory.backbone(), reporting.backbone(retry_seconds=())
    async with said.running(), heard.running():
        await directory.says("k0", "k0", "k0")
        await settled(said, heard)
        await heard.discard((await heard.parked())[0].id, "a test of ours", OPERATOR)
        await settled(heard)
        bad.clear()
        await heard.rebuild("effects", OPERATOR)
        await settled(heard)
        assert await sequences(reporting) == {"k0": [1, 3]}
        assert await heard.parked() == []


async def test_a_log_without_its_beginning_is_rebuilt_from_only_on_request(
    engines: Engines, service: Services, topics: str
) -> None:
    directory, reporting = await service("directory"), await service("reporting")
    projects_effects(reporting)
    said, heard = directory.backbone(), reporting.backbone()
    async with said.running(), heard.running():
        await directory.says(*KEYS)
        await settled(said, heard)
        await drop_records(engines.kafka, f"{topics}place-events")
        await directory.says("k0")
        await settled(said, heard)
        with pytest.raises(NotWhole):
            await heard.rebuild("effects", OPERATOR)
        assert len(await reporting.effects()) == 21
        await heard.rebuild("effects", OPERATOR, partial=True)
        await until(lambda: _count(reporting, 1))
        assert await sequences(reporting) == {"k0": [2]}


async def test_a_stream_that_feeds_anything_else_feeds_no_projection(service: Services) -> None:
    async def hear(tx: Tx, events: Sequence[Event[Any]]) -> None:
        raise NotImplementedError

    one, other = await service("reporting"), await service("referral")
    one.writes_effects()
    with pytest.raises(ValueError, match="feeds more"):
        one.consumers.projection("effects", streams=[PLACE_EVENTS], tables=["effect"])
    projects_effects(other)
    with pytest.raises(ValueError, match="feeds effects"):
        other.consumers.on_many(PLACE_EVENTS, PlaceAcknowledged)(hear)


async def test_a_log_that_grew_over_the_place_before_anybody_looked_is_not_read_from_its_middle(
    engines: Engines, service: Services, topics: str
) -> None:
    """A broker that lost its disk knows nothing of those who read; here it is made to forget that alone."""
    directory, reporting = await service("directory"), await service("reporting")
    projects_effects(reporting)
    said = directory.backbone()
    async with said.running():
        await directory.says(*KEYS)
        async with reporting.backbone().running():
            await until(lambda: _count(reporting, 20))
        await directory.says(*KEYS)
        await settled(said)
        await forget_group(engines.kafka, f"{topics}reporting.place-events")
        before, heard = reporting.backbone(), reporting.backbone()
        async with before.running():
            await until(lambda: _lost(before))
        async with heard.running():  # a process that was ended meanwhile says so again
            await until(lambda: _lost(heard))
            assert "of another log: kith stream restart" in str((await heard.status()).streams[0].lost_ground)
            assert len(await reporting.effects()) == 20
            await heard.restart("place-events", "beginning", OPERATOR)
            await until(lambda: _count(reporting, 40))
            await settled(heard)
            with pytest.raises(NotWhole):
                await heard.rebuild("effects", OPERATOR)
        async with reporting.backbone().running():
            await directory.says("k0")
            await until(lambda: _count(reporting, 41))


async def forget_group(kafka: str, group: str) -> None:
    """The broker knows nothing more of a group, once its last member has left."""
    admin = AdminClient({"bootstrap.servers": kafka})

    async def gone() -> bool:
        error = await asyncio.to_thread(admin.delete_consumer_groups([group])[group].exception)
        return error is None

    await until(gone)
