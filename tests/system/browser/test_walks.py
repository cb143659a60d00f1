"""The journey in a browser: from a practice's or a person's own referral to the report, at phone and desk width."""

import pytest
from playwright.async_api import Route

from tests.system.browser import answering, referring, supporting
from tests.system.browser.eye import DESK, PHONE
from tests.system.browser.story import Story
from tests.system.browser.visitor import Visits
from tests.system.journey import Network

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
WORKERS = {(PHONE, True): "grace.mensah", (DESK, True): "hannah.lovell", (PHONE, False): "piotr.zielinski"}


async def _walk(visits: Visits, network: Network, width: int, script: bool) -> Story:
    """Everybody in their turn."""
    worker = next(member for member in network.members if member.subject == WORKERS[width, script])
    story = Story(network, "U99002", worker)
    visits.hidden += story.person.words
    provider = story.find_activity()
    by = [story.referrer, story.lead, story.worker, provider]
    steps = [referring.refer, supporting.decide, supporting.support, answering.answer]
    for who, step in zip(by, steps, strict=True):
        async with visits.by(who, width=width, script=script) as visitor:
            await step(visitor, story)
    async with visits.by(story.worker, width=width, script=script) as visitor:
        await supporting.see_it_through(visitor, story)
    async with visits.by(network.member("analyst"), width=width, script=script) as visitor:
        await answering.read_the_funnel(visitor)
    async with visits.by(None, width=width, script=script) as visitor:
        await answering.read_the_mail(visitor, story)
    return story


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_everybody_walks_their_part_of_a_referral(width: int, visits: Visits, network: Network) -> None:
    await _walk(visits, network, width, script=True)


async def test_everybody_walks_their_part_without_scripting(visits: Visits, network: Network) -> None:
    await _walk(visits, network, PHONE, script=False)


@pytest.mark.parametrize(("width", "script"), [(PHONE, True), (DESK, True), (PHONE, False)])
async def test_a_person_refers_themself_and_gets_a_letter(
    width: int, script: bool, visits: Visits, network: Network
) -> None:
    story = Story(network, "U99002", network.member("link-worker", "U99002"))
    visits.hidden += story.person.words
    async with visits.by(None, width=width, script=script) as visitor:
        await referring.refer_oneself(visitor, story)
    async with visits.by(story.lead, width=width, script=script) as visitor:
        await answering.post_a_letter(visitor, story)


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_a_group_says_how_much_room_it_has(width: int, visits: Visits, network: Network) -> None:
    async with visits.by(network.member("provider"), width=width) as visitor:
        await answering.state_room(visitor)


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_an_operator_sees_every_service(width: int, visits: Visits, network: Network) -> None:
    async with visits.by(network.member("operator"), width=width) as visitor:
        await answering.watch(visitor)


async def test_leaving_quickly_leads_to_another_site_that_is_not_told_from_where(visits: Visits) -> None:
    left: list[dict[str, str]] = []

    async def answer(route: Route) -> None:
        redirect = await route.fetch(max_redirects=0)
        left.append({"status": str(redirect.status), **redirect.headers})
        await route.fulfill(body="Elsewhere", content_type="text/html")

    async with visits.by(None) as visitor:
        await visitor.open("/referral/self")
        await visitor.page.route("**/referral/leave", answer)
        await visitor.press("Leave this page quickly", look=False)
    assert [(each["status"], each["referrer-policy"]) for each in left] == [("303", "no-referrer")]
    assert not left[0]["location"].startswith(visits.base)
