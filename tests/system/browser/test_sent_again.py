"""Forms sent twice, or sent after somebody else changed the same thing."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, Route

from tests.system.browser import answering, referring, supporting
from tests.system.browser.eye import DESK, PHONE
from tests.system.browser.story import Story
from tests.system.browser.visitor import Visitor, Visits
from tests.system.browser.world import World
from tests.system.journey import Network

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def _twice(page: Page) -> None:
    """Every form reaches Kith twice; the browser sees the second answer alone."""

    async def send(route: Route) -> None:
        if route.request.method == "POST":
            await route.fetch(max_redirects=0)
        await route.continue_()

    await page.route("**/*", send)


async def test_every_form_of_the_journey_sent_twice_is_acted_on_once(visits: Visits, network: Network) -> None:
    story = Story(network, "U99004", network.member("link-worker", "U99004"))
    visits.hidden += story.person.words
    provider = story.find_activity()
    by = [story.referrer, story.lead, story.worker, provider]
    steps = [referring.refer, supporting.decide, supporting.support, answering.answer]
    for who, step in zip(by, steps, strict=True):
        async with visits.by(who, width=DESK, script=False) as visitor:
            await _twice(visitor.page)
            await step(visitor, story)
    async with visits.by(provider, width=DESK, script=False) as visitor:
        await _twice(visitor.page)
        await answering.state_room(visitor)
    async with visits.by(story.worker, width=DESK, script=False) as visitor:
        await supporting.see_it_through(visitor, story)
        await visitor.open(f"{story.case}/history")
        once = ["Phone: reached them", "Session happened", "Plan agreed", "Well-being, baseline", "Place asked for"]
        assert await _counts(visitor, once) == dict.fromkeys(once, 1)
    async with visits.by(story.referrer, width=DESK, script=False) as visitor:
        await visitor.open("/referral/mine")
        assert await _counts(visitor, [story.person.family]) == {story.person.family: 1}


async def test_a_person_who_sends_twice_is_referred_once(visits: Visits, network: Network) -> None:
    story = Story(network, "U99004", network.member("link-worker", "U99004"))
    visits.hidden += story.person.words
    async with visits.by(None, script=False) as visitor:
        await _twice(visitor.page)
        await referring.refer_oneself(visitor, story)
    async with visits.by(story.lead, script=False) as visitor:
        await visitor.open("/referral/triage?network=U99004")
        assert await _counts(visitor, [story.person.family]) == {story.person.family: 1}
        await visitor.press("Decide", within=visitor.row(story.person.family))
        assert await _counts(visitor, ["They referred themself again"]) == {"They referred themself again": 0}


async def _counts(visitor: Visitor, words: list[str]) -> dict[str, int]:
    text = await visitor.page.locator("main").inner_text()
    return {each: text.count(each) for each in words}


@dataclass(frozen=True)
class Race:
    """Two people change the same thing: what each types, by name, and the button that sends it."""

    who: str
    path: str
    thing: str
    first: Mapping[str, str]
    second: Mapping[str, str]
    button: str


RACES = (
    Race(
        "link-worker",
        "/referral/cases/{reference}/plan/change",
        "raced",
        {"goal-1": "To sing"},
        {"goal-1": "To walk by the sea"},
        "Agree this plan",
    ),
    Race(
        "team-lead",
        "/referral/triage/{reference}",
        "undecided",
        {},
        {"decision": "decline", "reason": "other", "words": "Lives by the sea"},
        "Save decision",
    ),
    Race(
        "provider",
        "/directory/desk/requests/{reference}",
        "raced",
        {"answer": "waitlist"},
        {"answer": "accept"},
        "Send answer",
    ),
)


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.button)
async def test_who_comes_second_is_told_so_and_keeps_what_they_typed(race: Race, visits: Visits, racing: World) -> None:
    who = racing.who(race.who)
    address = racing.address(race.path, race.thing)
    async with visits.by(who, width=DESK) as first, visits.by(who, widths=(PHONE, DESK)) as second:
        await first.open(address, look=False)
        await second.open(address, look=False)
        await first.type_in(race.first)
        await first.press(race.button, look=False)
        await second.type_in(race.second)
        await second.press(race.button)
        await second.sees("Nothing of yours was saved", "What you typed", *_words(race.second))


def _words(typed: Mapping[str, str]) -> list[str]:
    return [value for value in typed.values() if " " in value]


@pytest.fixture(scope="module")
def racing(network: Network, visits: Visits, world: World) -> World:
    """Cases of their own, since these are changed."""
    made = World(network, {"worked": world.journeys["worked"]})
    made.ask("raced")
    made.refer("undecided")
    visits.hidden += [word for person in made.people for word in person.words]
    return made
