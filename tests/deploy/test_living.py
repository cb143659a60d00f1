"""The borough of the demonstration, made small: everybody's past is told through all four services, and adds up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.databases import SERVICES
from deploy.embedded.living.acts import Asked, Called, Came, Life, Met, Said
from deploy.embedded.living.book import read_book
from deploy.embedded.living.days import days_before
from deploy.embedded.living.files import NETWORK, Files
from deploy.embedded.living.filling import Network, fill, settled
from deploy.embedded.living.lives import lives
from deploy.embedded.living.mark import Mark
from deploy.embedded.living.opening import unless
from deploy.embedded.living.stories import STORIES
from services.directory.consumers import consumers as directory_consumers
from services.directory.consumers import timers as directory_timers
from services.directory.domain.answers import Accept
from services.notifications.consumers import consumers as notifications_consumers
from services.referral.actions.keys import Keys
from services.referral.consumers import consumers as referral_consumers
from services.referral.domain.contacts import ContactOutcome
from services.referral.domain.nhs_number import is_valid
from services.referral.domain.sessions import SessionState
from services.reporting.actions.report import Question, read
from services.reporting.consumers import consumers as reporting_consumers
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.backbone.topics import make_topics
from shared.runtime import sealing
from shared.runtime.actor import Actor, Role, system
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.engines import Addresses, Engines

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PEOPLE = len(STORIES)
FEW = 12
OPERATOR = Actor("operator", frozenset({Role.OPERATOR}))
ANALYST = Actor("analyst", frozenset({Role.ANALYST}), purpose="reporting")
PUBLIC, PRIVATE = sealing.new_pair()


@dataclass
class Borough:
    stores: dict[str, Store]
    backbones: dict[str, Backbone]

    @property
    def network(self) -> Network:
        keys = Keys(b"a person key", sealing.public_key(PUBLIC))
        own = [self.backbones["referral"], self.backbones["directory"]]
        return Network(self.stores["referral"], self.stores["directory"], keys, own)

    async def count(self, service: str, sql: str) -> dict[str, int]:
        """Rows of two columns, as a mapping from the first to the second."""
        async with self.stores[service].transaction(system(service)) as tx:
            return {str(row["what"]): row["number"] for row in await tx.rows(sql)}


@asynccontextmanager
async def running(
    engines: Engines, prefix: str, database: Callable[[str], Awaitable[Addresses]]
) -> AsyncIterator[Borough]:
    await make_topics(engines.kafka, prefix)
    tables: dict[str, tuple[Any, Timers]] = {
        "referral": (referral_consumers(), Timers()),
        "directory": (directory_consumers(), directory_timers()),
        "notifications": (notifications_consumers(sealing.private_key(PRIVATE)), Timers()),
        "reporting": (reporting_consumers(), Timers()),
    }
    async with AsyncExitStack() as ends:
        borough = Borough({}, {})
        for service in SERVICES:
            store = Store((await database(service)).app_url, service)
            ends.push_async_callback(store.close)
            settings = Settings(service=service, kafka=engines.kafka, stream_prefix=prefix)
            backbone = Backbone(settings, store, *tables[service])
            await ends.enter_async_context(backbone.running(timers=False))
            borough.stores[service], borough.backbones[service] = store, backbone
        yield borough


@pytest.fixture
async def borough(
    engines: Engines, stream_prefix: str, database: Callable[[str], Awaitable[Addresses]]
) -> AsyncIterator[Borough]:
    async with running(engines, stream_prefix, database) as made:
        yield made


def funnel_of(told: list[Life]) -> Counter[str]:
    """How many came how far, read off what was to be told."""
    found: Counter[str] = Counter(referred=len(told))
    for life in told:
        acts = [*life.acts, *life.later]
        met = any(isinstance(act, Met) and act.happened is SessionState.COMPLETED for act in acts)
        reached = any(isinstance(act, Called) and act.outcome is ContactOutcome.REACHED for act in acts)
        reactions = [each for act in acts if isinstance(act, Asked) for each in act.reactions]
        found["reached"] += reached or met
        found["session"] += met
        found["prescribed"] += any(isinstance(act, Asked) for act in acts)
        found["accepted"] += any(isinstance(each, Said) and isinstance(each.answer, Accept) for each in reactions)
        found["attended"] += any(isinstance(each, Came) and each.attended for each in reactions)
    return found


async def told(borough: Borough) -> list[Life]:
    """The small borough filled, with everything that fell due acted on and heard by all four."""
    made = await fill(borough.network, NOW, lambda _: None, people=PEOPLE)
    for backbone in borough.backbones.values():
        backbone.start_timers()
    directory = borough.backbones["directory"]
    while (await directory.status()).timers_due:
        await settled([directory])
    await settled(list(borough.backbones.values()))
    return made


async def test_everybodys_past_is_heard_by_all_and_adds_up(borough: Borough) -> None:
    everybody = await told(borough)
    assert [await each.parked() for each in borough.backbones.values()] == [[], [], [], []]

    statuses = await borough.count("referral", "SELECT status AS what, count(*) AS number FROM referral GROUP BY 1")
    assert statuses.keys() == {"received", "declined", "allocated", "active", "closed"}
    assert sum(statuses.values()) == PEOPLE
    states = await borough.count("referral", "SELECT state AS what, count(*) AS number FROM prescription GROUP BY 1")
    assert states.keys() == {
        "sent",
        "acknowledged",
        "unanswered",
        "accepted",
        "waitlisted",
        "needs_person_action",
        "started",
        "completed",
        "declined_by_provider",
        "declined_by_person",
    }
    sessions = await borough.count("referral", "SELECT state AS what, count(*) AS number FROM session GROUP BY 1")
    assert {"booked", "completed"} <= sessions.keys()
    for table in ("referral_note", "signpost", "unmet_need", "plan", "outcome", "contact_attempt"):
        assert await borough.count("referral", f"SELECT 1 AS what, count(*) AS number FROM {table} HAVING count(*) > 0")

    async with borough.stores["reporting"].transaction(ANALYST) as tx:
        report = await read(tx, Question(), NOW.date())
    drawn = {str(bar.stage): bar.count.value for bar in report.funnel.bars}
    # A figure so small that it could show somebody is hidden; what is shown is what was made.
    made = {stage: count for stage, count in funnel_of(everybody).items() if drawn[stage] is not None}
    assert made == {stage: count for stage, count in drawn.items() if count is not None}
    assert len(made) > 3


@pytest.mark.parametrize(
    ("service", "projection", "tables"),
    [
        ("reporting", "funnel", ["referral", "request", "attendance"]),
        ("reporting", "names", ["organisation"]),
        ("referral", "activities", ["activity"]),
        ("notifications", "names", ["organisation"]),
    ],
)
async def test_what_is_derived_is_the_same_when_heard_anew(
    borough: Borough, service: str, projection: str, tables: list[str]
) -> None:
    await fill(borough.network, NOW, lambda _: None, people=FEW)
    backbone = borough.backbones[service]
    await settled(list(borough.backbones.values()))
    counted = [
        f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) AS what, count(*) AS number FROM {table} t"
        for table in tables
    ]
    before = [await borough.count(service, sql) for sql in counted]
    assert all(number > 0 for found in before for number in found.values())
    await backbone.rebuild(projection, OPERATOR)
    while any(each.running for each in await backbone.rebuilds()):
        await settled([backbone])
    assert [await borough.count(service, sql) for sql in counted] == before


async def test_a_filling_that_was_cut_short_is_gone_on_with(borough: Borough) -> None:
    def cut(what: str) -> None:
        if "people were referred" in what:
            raise KeyboardInterrupt

    counted = "SELECT stream AS what, count(*) AS number FROM outbox_sent GROUP BY 1"
    with pytest.raises(KeyboardInterrupt):
        await fill(borough.network, NOW, cut, people=FEW)
    await fill(borough.network, NOW, lambda _: None, people=FEW)
    once = [await borough.count(service, counted) for service in ("referral", "directory")]
    await fill(borough.network, NOW, lambda _: None, people=FEW)
    assert [await borough.count(service, counted) for service in ("referral", "directory")] == once
    people = await borough.count("referral", "SELECT 1 AS what, count(*) AS number FROM referral")
    assert people == {"1": FEW}


def test_the_same_moment_makes_the_same_people_and_nothing_before_its_time() -> None:
    book, surgeries = read_book(NETWORK), Files().surgeries()
    first, second = (lives(300, book, days_before(NOW), surgeries) for _ in range(2))
    assert first == second
    for life in first:
        decided = [life.decided.at] if life.decided else []
        moments = [life.made_at, *decided, *(act.at for act in (*life.acts, *life.later))]
        assert moments == sorted(moments)
        assert moments[-1] < NOW
    funnel = funnel_of(first)
    assert 0.85 < funnel["reached"] / funnel["referred"] < 0.92
    assert 0.33 < funnel["attended"] / funnel["referred"] < 0.42


def test_nobody_could_be_taken_for_a_real_person() -> None:
    people = [life.request.person for life in lives(300, read_book(NETWORK), days_before(NOW), Files().surgeries())]
    numbers = [each.nhs_number for each in people if each.nhs_number]
    assert len(numbers) == len(set(numbers)) > 200
    assert all(number.startswith("999") and is_valid(number) for number in numbers)
    assert all(each.email.endswith("@example.org") for each in people if each.email)
    assert all(each.phone.startswith("07700 900") for each in people if each.phone)
    names = Counter((each.given_name, each.family_name) for each in people)
    assert max(names.values()) > 1
    assert any(each.contact.unsafe for each in people)
    assert any(each.no_fixed_address for each in people)
    assert any(each.interpreter for each in people)
    assert any(not each.phone for each in people)


def test_what_was_stated_on_the_day_of_writing_is_as_old_on_any_other_day() -> None:
    def ages(today: date) -> list[int]:
        stated = (each.get("capacity", {}).get("updated") for each in Files().activities(today))
        return [(today - date.fromisoformat(each[:10])).days for each in stated if each]

    assert ages(date(2027, 3, 1)) == ages(date(2026, 11, 20))
    assert max(ages(date(2027, 3, 1))) > 30


def test_a_borough_is_whole_only_when_its_filling_said_so(tmp_path: Path) -> None:
    assert not Mark(tmp_path).whole
    assert Mark(tmp_path).begin(NOW) == NOW
    assert Mark(tmp_path).begin(NOW + timedelta(hours=1)) == NOW
    assert not Mark(tmp_path).whole
    Mark(tmp_path).complete()
    assert Mark(tmp_path).whole


async def test_who_asks_to_stop_need_not_wait_for_the_filling() -> None:
    became: list[str] = []

    async def work() -> None:
        became.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            became.append("rolled back")

    await unless(lambda: bool(became), work())
    assert became == ["begun", "rolled back"]
    with pytest.raises(LookupError):
        await unless(lambda: False, fails())


async def fails() -> None:
    raise LookupError
