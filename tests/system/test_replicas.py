"""Two processes of one service share its work: one sends, both hear, what is due is acted on once, either may die."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.backbone.topics import make_topics
from shared.events.place import ReplyOverdue
from shared.events.streams import PLACE_EVENTS, REFERRAL_EVENTS
from tests.engines import Addresses, Engines
from tests.faults.checker import Effect, compare, compare_numbers, heard_once
from tests.shared.backbone.network import until
from tests.system.replicas import Replica, Replicas, log_of

PATIENCE_S = 90


@pytest.fixture
async def replicas(
    engines: Engines, stream_prefix: str, database: Callable[[str], Awaitable[Addresses]], tmp_path: Path
) -> AsyncIterator[Replicas]:
    await make_topics(engines.kafka, stream_prefix)
    addresses = await database("directory")
    with ExitStack() as ends:
        yield Replicas(engines, addresses, stream_prefix, tmp_path, ends)


async def settled(replicas: Replicas) -> bool:
    """Whether every request said was heard, every reply that was due was missed, and all of that was sent."""
    (row,) = await replicas.rows(
        "SELECT (SELECT count(*) FROM place_request) AS heard, (SELECT count(*) FROM timer) AS due,"
        " (SELECT count(*) FROM outbox) AS unsent, (SELECT count(*) FROM parked_event) AS aside"
    )
    return tuple(row.values()) == (len(replicas.said), 0, 0, 0)


async def relaying(replicas: Sequence[Replica]) -> list[Replica]:
    states = await asyncio.gather(*(replica.status() for replica in replicas))
    return [replica for replica, state in zip(replicas, states, strict=True) if state["relay_active"]]


async def shared_by(replicas: Replicas, members: int) -> bool:
    shares = await replicas.shares()
    return len(shares) == members and min(shares) > 0 and sum(shares) == REFERRAL_EVENTS.partitions


async def test_two_processes_share_the_work_and_either_may_die(engines: Engines, replicas: Replicas) -> None:
    activity = await replicas.listed()
    first, second = replicas.start(), replicas.start()
    for replica in (first, second):
        await until(replica.ready, seconds=PATIENCE_S)
    await until(lambda: shared_by(replicas, 2), seconds=PATIENCE_S)
    await replicas.ask(activity, 200)
    await until(lambda: settled(replicas), seconds=PATIENCE_S)
    for replica in (first, second):
        (stream,) = (await replica.status())["streams"]
        assert stream["counts"]["handled"] > 0, "it had partitions, and heard nothing"
        assert stream["lag"] == 0
    (leader,) = await relaying([first, second])
    other = second if leader is first else first

    asking = asyncio.create_task(replicas.ask(activity, 400))
    leader.kill()
    await asking
    await until(lambda: _relays(other), seconds=PATIENCE_S)
    await until(lambda: settled(replicas), seconds=PATIENCE_S)
    assert await shared_by(replicas, 1)

    again = replicas.start()  # as a supervisor would
    await until(again.ready, seconds=PATIENCE_S)
    await until(lambda: shared_by(replicas, 2), seconds=PATIENCE_S)
    asking = asyncio.create_task(replicas.ask(activity, 400))
    other.kill()
    await asking
    await until(lambda: _relays(again), seconds=PATIENCE_S)
    await until(lambda: settled(replicas), seconds=PATIENCE_S)
    await nothing_lost_or_doubled(engines, replicas)


async def _relays(replica: Replica) -> bool:
    return bool((await replica.status())["relay_active"])


async def nothing_lost_or_doubled(engines: Engines, replicas: Replicas) -> None:
    """Each request is on the desk once, and its missed reply was said once, whoever of them did it."""
    log = await log_of(engines, replicas.prefix, PLACE_EVENTS)
    overdue = [said for said in heard_once(log) if said.what == ReplyOverdue.type_name()]
    desk = await replicas.rows("SELECT id::text AS id FROM place_request")
    inbox = await replicas.rows("SELECT count(*) AS heard FROM inbox")
    promised = [Effect(place, str(id_)) for id_ in replicas.said for place in ("desk", "stream")]
    found = [Effect("desk", row["id"]) for row in desk] + [Effect("stream", said.subject) for said in overdue]
    assert not compare(promised, found)
    assert not compare_numbers(log)
    assert inbox[0]["heard"] == len(replicas.said)
