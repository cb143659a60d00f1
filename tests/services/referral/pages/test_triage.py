"""A team lead decides, and sees how loaded everybody is."""

from shared.runtime.actor import Role
from tests.services.referral.doors import Door, Visitor
from tests.services.referral.network import NORTH, NORTH_LEAD, REFERRER, SOUTH_LEAD, actor
from tests.services.referral.pages.test_referring import refer


async def open_decision(visitor: Visitor) -> str:
    page = await visitor.open("/referral/triage")
    path = next(str(link["href"]) for link in page.find_all("a") if "triage/" in str(link["href"]))
    await visitor.open(path)
    return path


async def referred(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await refer(visitor)


async def test_accepting_gives_the_case_to_the_best_match_and_says_who_is_told(door: Door) -> None:
    await referred(door)
    async with door.as_(NORTH_LEAD) as visitor:
        await open_decision(visitor)
        assert "A dog that bites" in visitor.text
        await visitor.send()
        assert visitor.heading == "To decide (0)"
        assert "is with Al. We tell them" in visitor.text
        await visitor.open("/referral/workload")
        assert "2 of 40" in visitor.text
    async with door.as_(REFERRER) as visitor:
        page = await visitor.open("/referral/mine")
        await visitor.open(next(str(link["href"]) for link in page.find_all("a") if "mine/" in str(link["href"])))
        assert "The next move is with the link worker, Al." in visitor.text
        assert "Accepted and allocated" in visitor.text


async def test_declining_needs_a_reason_that_the_referrer_sees(door: Door) -> None:
    await referred(door)
    async with door.as_(NORTH_LEAD) as visitor:
        await open_decision(visitor)
        await visitor.send({"decision": "decline"})
        assert set(visitor.errors) == {"reason"}
        await visitor.send({"reason": "out-of-area", "words": "A word for the team alone"})
        assert "is declined" in visitor.text
    async with door.as_(REFERRER) as visitor:
        page = await visitor.open("/referral/mine")
        await visitor.open(next(str(link["href"]) for link in page.find_all("a") if "mine/" in str(link["href"])))
        assert "They live outside our area" in visitor.text
        assert "A word for the team alone" not in visitor.text


async def test_a_decision_on_an_older_version_is_a_conflict(door: Door) -> None:
    await referred(door)
    async with door.as_(NORTH_LEAD) as first, door.as_(NORTH_LEAD) as second:
        path = await open_decision(first)
        await second.open(path)
        await first.send({"link_worker": "jo"})
        await second.send({"link_worker": "al"})
        assert second.response is not None
        assert second.response.status_code == 409


async def test_the_decision_is_for_leads_of_that_network(door: Door) -> None:
    await referred(door)
    async with door.as_(NORTH_LEAD) as visitor:
        path = await open_decision(visitor)
    for other, status in ((SOUTH_LEAD, 404), (actor("jo", Role.LINK_WORKER, NORTH), 403), (REFERRER, 403)):
        async with door.as_(other) as visitor:
            await visitor.open(path)
            assert visitor.response is not None
            assert visitor.response.status_code == status


async def test_an_empty_list_says_what_will_appear(door: Door) -> None:
    async with door.as_(NORTH_LEAD) as visitor:
        await visitor.open("/referral/triage")
        assert "Nobody is waiting for a decision." in visitor.text
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/mine")
        assert "You have not referred anyone yet." in visitor.text
