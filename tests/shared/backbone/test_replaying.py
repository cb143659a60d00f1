"""What is parked, tried again by an operator's choice; or only tried, to see what would come of it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from shared.backbone.replaying import Outcome
from tests.shared.backbone.network import Service, acknowledged, arrivals, wire
from tests.shared.backbone.test_parking import OPERATOR, Moody

Services = Callable[[str], Awaitable[Service]]
ALL = "SELECT * FROM parked_event ORDER BY id"


async def two_bad_keys(service: Service) -> Moody:
    """Of two keys the first event has failed and is parked, and two wait behind each."""
    moody = Moody(service, {"bad", "worse"})
    consumer = await service.hearing()
    values = [(key, wire(acknowledged(), key, n)) for n in (1, 2, 3) for key in ("bad", "worse")]
    assert await consumer.take(arrivals(*values))
    await service.retries().retry_due()
    return moody


def told(outcomes: list[Outcome]) -> list[tuple[str, str, str | None]]:
    return [(outcome.key, outcome.result, outcome.error) for outcome in outcomes]


async def test_a_dry_run_says_what_would_come_of_each_and_leaves_all_as_it_was(service: Services) -> None:
    reporting = await service("reporting")
    moody = await two_bad_keys(reporting)
    before = [dict(row) for row in await reporting.rows(ALL)]
    moody.fails_for = {"worse"}
    outcomes = await reporting.backbone().replay(actor=OPERATOR, dry_run=True)
    assert told(outcomes) == [
        ("bad", "acted", None),
        ("bad", "acted", None),
        ("bad", "acted", None),
        ("worse", "failed", "RuntimeError"),
        ("worse", "waits", None),
        ("worse", "waits", None),
    ]
    assert await moody.effects() == []
    assert [dict(row) for row in await reporting.rows(ALL)] == before


async def test_a_replay_does_what_its_dry_run_said(service: Services) -> None:
    reporting = await service("reporting")
    moody = await two_bad_keys(reporting)
    moody.fails_for = {"worse"}
    dry = await reporting.backbone().replay(actor=OPERATOR, dry_run=True)
    assert await reporting.backbone().replay(actor=OPERATOR) == dry
    assert await moody.effects() == [("bad", 1), ("bad", 2), ("bad", 3)]
    left = [(event.key, event.state) for event in await reporting.backbone().parked()]
    assert sorted(left) == [("worse", "parked"), ("worse", "waiting"), ("worse", "waiting")]
    moody.fails_for.clear()
    assert await reporting.backbone().replay(actor=OPERATOR, key="bad") == []
    assert len(await reporting.backbone().replay(actor=OPERATOR)) == 3
    assert await reporting.backbone().replay(actor=OPERATOR) == []
    assert len(await moody.effects()) == 6


async def test_a_replay_takes_what_is_chosen_by_id_key_stream_or_time(service: Services) -> None:
    reporting = await service("reporting")
    moody = await two_bad_keys(reporting)
    moody.fails_for.clear()
    backbone, soon = reporting.backbone(), datetime.now(UTC) + timedelta(hours=1)
    assert await backbone.replay(actor=OPERATOR, stream="referral-events", dry_run=True) == []
    assert await backbone.replay(actor=OPERATOR, since=soon, dry_run=True) == []
    assert len(await backbone.replay(actor=OPERATOR, until=soon, stream="place-events", dry_run=True)) == 6
    ids = {(row["key"], n // 2): row["id"] for n, row in enumerate(await reporting.rows(ALL))}
    behind = await backbone.replay(actor=OPERATOR, ids=[ids["bad", 1]])
    assert told(behind) == [("bad", "waits", None), ("bad", "waits", None)]
    outcomes = await backbone.replay(actor=OPERATOR, ids=[ids["worse", 0]])
    assert told(outcomes) == [("worse", "acted", None)] * 3
    assert await moody.effects() == [("worse", 1), ("worse", 2), ("worse", 3)]


async def test_a_replay_says_of_what_came_early_that_it_is_not_its_turn(service: Services) -> None:
    reporting = await service("reporting")
    reporting.writes_effects()
    early = wire(acknowledged(), "a", 2), wire(acknowledged(), "b", 2)
    assert await (await reporting.hearing()).take(arrivals(("a", early[0]), ("b", early[1])))
    backbone = reporting.backbone()
    assert told(await backbone.replay(actor=OPERATOR, key="a")) == [("a", "early", None)]
    assert len(await backbone.parked()) == 2
