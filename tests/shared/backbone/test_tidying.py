"""What is kept no longer is removed little by little, and what is younger stays."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from shared.backbone.tidying import CHUNK, Tidier
from tests.shared.backbone.network import Service, until
from tests.shared.backbone.relays import at_work, relay_of

Services = Callable[[str], Awaitable[Service]]

_SENT = """
INSERT INTO outbox_sent (seq, stream, key, sent_at)
SELECT n, 'place-events', 'a', now() - make_interval(days => :days) FROM generate_series(CAST(:first AS int), :last) n
RETURNING 1
"""
_HEARD = """
INSERT INTO inbox (stream, event_id, seen_at) VALUES
    ('place-events', gen_random_uuid(), now() - interval '31 days'),
    ('place-events', gen_random_uuid(), now() - interval '29 days') RETURNING 1
"""
_ANSWERED = """
INSERT INTO idempotency (key, subject, fingerprint, created_at) VALUES
    ('old', 'jo', '', now() - interval '8 days'), ('young', 'jo', '', now() - interval '6 days') RETURNING 1
"""


async def test_what_is_older_than_its_days_goes_in_small_turns_and_the_rest_stays(service: Services) -> None:
    directory = await service("directory")
    await directory.rows(_SENT, first=1, last=CHUNK + 500, days=8)
    await directory.rows(_SENT, first=CHUNK + 501, last=CHUNK + 510, days=6)
    await directory.rows(_HEARD)
    await directory.rows(_ANSWERED)
    tidier, connection = Tidier(7, 30), await asyncpg.connect(directory.store.url.replace("+asyncpg", ""))
    try:
        left = list[tuple[int, ...]]()
        for _ in range(3):
            await tidier.turn(connection)
            left.append(tuple(await connection.fetchrow("SELECT count(*), min(seq) FROM outbox_sent")))
    finally:
        await connection.close()
    assert left == [(510, CHUNK + 1), (10, CHUNK + 501), (10, CHUNK + 501)]
    assert len(await directory.rows("SELECT 1 FROM inbox WHERE seen_at > now() - interval '30 days'")) == 1
    assert len(await directory.rows("SELECT 1 FROM inbox")) == 1
    assert [row["key"] for row in await directory.rows("SELECT key FROM idempotency")] == ["young"]


async def test_a_relay_that_always_has_something_to_send_tidies_between_two_sends(
    service: Services, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.backbone.relay.POLL_S", 300.0)  # no turn but the one that sends
    directory = await service("directory")
    await directory.rows(_SENT, first=-1, last=-1, days=8)
    await directory.says("a")

    async def tidied() -> bool:
        return not await directory.rows("SELECT 1 FROM outbox_sent WHERE seq < 0")

    async with at_work(relay_of(directory)):
        await until(tidied)
    assert len(await directory.rows("SELECT 1 FROM outbox_sent")) == 1
