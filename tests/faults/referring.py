"""Practices that refer people, over the real API, while things go wrong under it; and what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import httpx
from pydantic import SecretStr

from deploy.embedded.process import free_port
from shared.events.streams import REFERRAL_EVENTS
from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.faults.checker import Effect, Fault, Finding, History, compare, compare_answers, judge
from tests.faults.looking import all_sent, log_of, rows, until
from tests.faults.mains import api
from tests.faults.process import PATIENCE_S, Process
from tests.faults.world import Stage, Templates
from tests.services.referral.network import ELM, PUBLIC, REFERRER, load_network
from tests.system.journey import referral_body

PATH = "/referral/api/referrals"
AWAY = 503
MADE = "SELECT p.nhs_number, r.id::text AS id FROM referral r JOIN person p ON p.id = r.person_id"
SAID = """
SELECT seq, stream, key, convert_from(payload, 'UTF8') AS event FROM
    (SELECT seq, stream, key, payload FROM outbox UNION ALL SELECT seq, stream, key, payload FROM outbox_sent) said
WHERE stream = 'referral-events' ORDER BY seq
"""


@dataclass
class Post:
    """One person's referral under its key. `answer` is None until acknowledged, `statuses` is what came before."""

    key: str
    body: dict[str, Any]
    answer: dict[str, Any] | None = None
    statuses: list[int | str] = field(default_factory=list)
    acknowledged_at: float = 0.0

    @property
    def nhs_number(self) -> str:
        return str(self.body["person"]["nhs_number"])


@dataclass
class Practice:
    """Somebody who refers, and sends the same again under its key until it is answered: a crash must not show."""

    settings: Settings
    port: int
    callers: Callers
    dice: Random
    posts: list[Post] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def refer(self, lanes: int, *, every_s: float = 0.0) -> None:
        """Refer one person after another in each of so many lanes, at most one `every_s`, until it is `enough`."""
        async with self._client() as client:
            await asyncio.gather(*(self._lane(client, every_s) for _ in range(lanes)))

    async def _lane(self, client: httpx.AsyncClient, every_s: float) -> None:
        while not self.enough.is_set():
            await asyncio.gather(self.one(client), asyncio.sleep(every_s))

    async def answered(self, more: int) -> None:
        """Wait until so many more have been acknowledged."""
        wanted = more + sum(post.answer is not None for post in self.posts)
        async with asyncio.timeout(2 * PATIENCE_S):
            while sum(post.answer is not None for post in self.posts) < wanted:  # noqa: ASYNC110 - of many posts
                await asyncio.sleep(0.005)

    async def one(self, client: httpx.AsyncClient) -> None:
        """One person, until the referral is acknowledged."""
        post = Post(f"post-{self.dice.getrandbits(64):x}", referral_body(practice=ELM))
        self.posts.append(post)
        end = time.monotonic() + 2 * PATIENCE_S
        while time.monotonic() < end:
            status, answer = await self._send(client, post)
            if status == 201:
                post.answer, post.acknowledged_at = answer, time.monotonic()
                return
            post.statuses.append(status)
            await asyncio.sleep(0.1)

    async def _send(self, client: httpx.AsyncClient, post: Post) -> tuple[int | str, dict[str, Any]]:
        token = self.callers.token(Role.REFERRER, organisations=[ELM], subject=REFERRER.subject)
        headers = {"authorization": f"Bearer {token}", "idempotency-key": post.key}
        try:
            answer = await client.post(PATH, json=post.body, headers=headers)
        except httpx.TransportError as error:
            return type(error).__name__, {}
        return answer.status_code, answer.json()

    async def ask_again(self, count: int) -> list[Finding]:
        """Send some once more under their keys: the answer is the one that was given."""
        some = self.dice.sample(self.posts, min(count, len(self.posts)))
        async with self._client() as client:
            again = [await self._send(client, post) for post in some]
        first = {post.key: str(post.answer) for post in some}
        return compare_answers(first, {post.key: str(a) for post, (_, a) in zip(some, again, strict=True)})

    async def get(self, path: str, *roles: Role) -> httpx.Response:
        """An answer to somebody of these roles."""
        headers = {"authorization": f"Bearer {self.callers.token(*roles)}"} if roles else {}
        async with self._client() as client:
            return await client.get(path, headers=headers)

    def _client(self) -> httpx.AsyncClient:
        # No certificates are needed on this machine, and reading them takes longer than a call.
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=30, verify=False)

    @property
    def answers(self) -> Counter[int | str]:
        """What came instead of an acknowledgement."""
        return Counter(status for post in self.posts for status in post.statuses)


async def practice(stage: Stage, dice: Random) -> Practice:
    """A referral service with a small network in its store, nothing running yet, and somebody to refer."""
    callers = Callers(stage.world.folder)
    settings = stage.settings(
        "referral",
        await _with_network(stage.world.databases),
        issuer=ISSUER,
        jwks=callers.jwks,
        cookie_key=SecretStr(COOKIE_KEY),
        person_key=SecretStr("a secret of the tests"),
        contact_public_key=PUBLIC,
        retry_seconds=(1.0, 2.0, 4.0),
    )
    return Practice(settings, free_port(), callers, dice)


async def serve(stage: Stage, at: Practice) -> Process:
    """The API, open."""
    return await stage.start(api, at.settings, port=at.port)


async def _with_network(databases: Templates) -> Any:
    async def fill(url: str) -> None:
        store = Store(url, "referral", pool=1)
        await load_network(store)
        await store.close()

    return await databases.filled("referral", fill)


async def wrong_with(at: Practice, *, away: Sequence[int | str] = ()) -> list[Finding]:
    """What is not as it was acknowledged, in store and on the stream; `away`: what else than 201 may be answered."""
    await until(partial(all_sent, at.settings), "all is sent", 2 * PATIENCE_S)
    made = {row["nhs_number"]: row["id"] for row in await rows(at.settings, MADE)}
    there = [row["nhs_number"] for row in await rows(at.settings, MADE)]
    said = [json.loads(row["event"]) for row in await rows(at.settings, SAID)]
    answered = [post for post in at.posts if post.answer]
    promised = [Effect("referral", post.nhs_number) for post in answered]
    unsure = [Effect("referral", post.nhs_number) for post in at.posts if not post.answer]
    created = [Effect("referral-created", event["subject"]) for event in said if ".referral-created." in event["type"]]
    ids = {post.nhs_number: post.answer["id"] for post in answered if post.answer}
    return [
        *compare(promised, [Effect("referral", number) for number in there], unsure),
        *compare([Effect("referral-created", id_) for id_ in made.values()], created),
        *compare_answers({number: made.get(number) for number in ids}, ids),
        *judge(await _carried(at.settings, said)),
        *(Finding(Fault.BROKEN, "answer", str(status)) for status in at.answers if status not in away),
    ]


async def _carried(settings: Settings, said: Sequence[dict[str, Any]]) -> History:
    """What the store recorded, in its order, and what lies on the stream."""
    acknowledged: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in said:
        acknowledged[REFERRAL_EVENTS.name, event["partitionkey"]].append(event["id"])
    return History([], acknowledged, await log_of(settings, REFERRAL_EVENTS))
