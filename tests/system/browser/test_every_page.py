"""Every page of the route list: filled, empty, refused, not there; at phone and desk width."""

from uuid import uuid4

import pytest

from deploy.databases import SERVICES
from tests.system.browser.eye import DESK, PHONE
from tests.system.browser.pages import PAGES, Page
from tests.system.browser.visitor import Visits
from tests.system.browser.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
BOTH = (PHONE, DESK)


def _name(page: Page) -> str:
    return f"{page.path} as {page.who or 'anybody'}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
async def test_a_page_shows_each_of_its_states(page: Page, visits: Visits, world: World) -> None:
    async with visits.by(world.who(page.who), widths=BOTH) as visitor:
        for thing in page.things or ("",):
            await visitor.open(world.address(page.path, thing))
            if page.lands:
                assert visitor.page.url == visits.base + page.lands


@pytest.mark.parametrize("page", [page for page in PAGES if page.empty], ids=_name)
async def test_an_empty_page_says_so_and_what_to_do(page: Page, empty_visits: Visits, world: World) -> None:
    async with empty_visits.by(world.who(page.who), widths=BOTH) as visitor:
        await visitor.open(page.path)
        await visitor.sees(page.empty)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", ["provider", None])
async def test_what_is_not_there_says_so_on_a_page(
    service: str, role: str | None, visits: Visits, world: World
) -> None:
    async with visits.by(world.who(role), widths=BOTH) as visitor:
        await visitor.open(f"/{service}/{uuid4().hex}", 404)
        await visitor.sees("Page not found")


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/referral/today", "provider"),
        ("/directory/desk", "referrer"),
        ("/notifications/letters", "analyst"),
        ("/reporting/funnel", "link-worker"),
        ("/referral/operate", "team-lead"),
    ],
)
async def test_who_may_not_see_a_page_is_told_whom_to_ask(path: str, role: str, visits: Visits, world: World) -> None:
    async with visits.by(world.who(role), widths=BOTH) as visitor:
        await visitor.open(path, 403)
        await visitor.sees("You cannot see this", "Ask")


async def test_somebody_elses_case_and_request_are_not_there(visits: Visits, world: World) -> None:
    stranger = world.network.member("link-worker", "U99004")
    async with visits.by(stranger, widths=BOTH) as visitor:
        await visitor.open(world.address("/referral/cases/{reference}", "worked"), 404)
    provider = world.who("provider")
    assert provider
    apart = (m for m in world.network.members if not set(m.organisations) & set(provider.organisations))
    async with visits.by(next(m for m in apart if m.role == "provider"), widths=BOTH) as visitor:
        await visitor.open(world.address("/directory/desk/requests/{reference}", "asked"), 404)


async def test_who_is_not_logged_in_is_asked_to_and_then_led_on(visits: Visits, world: World) -> None:
    worker = world.who("link-worker")
    assert worker
    async with visits.by(None, widths=BOTH) as visitor:
        await visitor.open("/referral/cases")
        await visitor.sees("Choose who to be")
        await visitor.press(worker.name)
        assert visitor.page.url == f"{visits.base}/referral/cases"
        await visitor.press("Log out")
        await visitor.sees("Choose who to be")
