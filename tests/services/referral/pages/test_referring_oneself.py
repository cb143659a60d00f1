"""Somebody refers themself, without an account, over short pages."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.services.referral.doors import Door, Visitor
from tests.services.referral.network import NORTH_LEAD, OAK, REFERRER, SOUTH_LEAD
from tests.services.referral.pages.test_referring import refer

PAGES: Mapping[str, Mapping[str, Any]] = {
    "What is your name?": {"given_name": "Rosa", "family_name": "Okafor"},
    "What is your date of birth?": {"born_on[day]": "14", "born_on[month]": "3", "born_on[year]": "1951"},
    "Do you know your NHS number? (optional)": {"nhs_number": "9990000018"},
    "How can we reach you?": {"channels": ["text"], "phone": "07700 900 866"},
    "When and how is it safe to reach you?": {"do_not": "Call in the evening"},
    "Where do you live?": {"address_line_1": "1 Test Street", "postcode": "RM17 6AA"},
    "Which GP surgery are you with?": {"practice": OAK},
    "What would you like help with?": {"reasons": ["loneliness"]},
    "What would make this easier for you?": {"adjustments": "Large print"},
}


async def answer_all(visitor: Visitor, **changes: Mapping[str, Any]) -> None:
    """Up to the page where the answers are checked."""
    await visitor.open("/referral/self")
    await visitor.send()
    for heading, fields in PAGES.items():
        assert visitor.heading == heading
        await visitor.send(changes.get(heading, fields))


async def test_nine_short_pages_then_check_and_send(door: Door) -> None:
    async with door.as_() as visitor:
        await answer_all(visitor)
        assert visitor.heading == "Check your answers"
        assert "Oak Surgery" in visitor.text
        await visitor.send()
        assert visitor.heading == "We have your referral"
        assert visitor.response is not None
        assert visitor.response.url.path == "/referral/self/sent"
    async with door.as_(SOUTH_LEAD) as visitor:
        await visitor.open("/referral/triage")
        assert "Rosa Okafor" in visitor.text


async def test_every_page_can_be_left_quickly_and_sets_no_cookie(door: Door) -> None:
    async with door.as_() as visitor:
        await visitor.open("/referral/self")
        for fields in ({}, *PAGES.values(), {}):
            assert visitor.page is not None
            assert visitor.page.find("a", href="/referral/leave")
            await visitor.send(fields)
        assert visitor.page is not None
        assert visitor.page.find("a", href="/referral/leave")
        assert not visitor.client.cookies
        left = await visitor.client.get("/referral/leave")
        assert left.headers["location"].startswith("https://")
        assert left.headers["referrer-policy"] == "no-referrer"


async def test_the_answer_is_the_same_for_somebody_known_and_reaches_the_open_case(door: Door) -> None:
    async with door.as_() as visitor:
        await answer_all(visitor)
        new = (await visitor.send()).get_text()
    async with door.as_(REFERRER) as visitor:
        await refer(visitor)
    async with door.as_() as visitor:
        await answer_all(visitor)
        assert (await visitor.send()).get_text() == new


async def test_a_note_stands_on_the_open_referral_where_the_lead_decides(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await refer(visitor)
    async with door.as_() as visitor:
        await answer_all(visitor)
        await visitor.send()
    async with door.as_(NORTH_LEAD) as visitor:
        page = await visitor.open("/referral/triage")
        assert "1 person" in visitor.text
        decide = next(str(link["href"]) for link in page.find_all("a") if "triage/" in str(link["href"]))
        await visitor.open(decide)
        assert "They referred themself again" in visitor.text
        assert "Call in the evening" in visitor.text


async def test_without_a_known_surgery_every_lead_sees_it(door: Door) -> None:
    async with door.as_() as visitor:
        await answer_all(visitor, **{"Which GP surgery are you with?": {"practice": ""}})
        await visitor.send()
    for lead in (NORTH_LEAD, SOUTH_LEAD):
        async with door.as_(lead) as visitor:
            await visitor.open("/referral/triage")
            assert "Borough queue" in visitor.text
            assert "Rosa Okafor" in visitor.text


WRONG: Sequence[tuple[str, Mapping[str, Any], set[str]]] = (
    ("What is your name?", {"family_name": "Okafor"}, {"given_name"}),
    ("What is your date of birth?", {"born_on[day]": "14"}, {"born_on-day"}),
    ("Do you know your NHS number? (optional)", {"nhs_number": "1111111111"}, {"nhs_number"}),
    ("How can we reach you?", {}, {"channels"}),
    ("How can we reach you?", {"channels": ["call"]}, {"phone"}),
    ("What would you like help with?", {"reasons": ["other"]}, {"other_reason"}),
)


async def test_what_is_missing_is_said_on_the_page_that_asks_it(door: Door) -> None:
    async with door.as_() as visitor:
        for heading, fields, wrong in WRONG:
            await visitor.open("/referral/self")
            await visitor.send()
            while visitor.heading != heading:
                await visitor.send(PAGES[visitor.heading])
            await visitor.send(fields)
            assert (visitor.heading, set(visitor.errors)) == (heading, wrong)


async def test_a_letter_needs_an_address_and_the_page_that_asks_it_says_so(door: Door) -> None:
    by_letter = {"How can we reach you?": {"channels": ["letter"]}, "Where do you live?": {}}
    async with door.as_() as visitor:
        with pytest.raises(AssertionError):
            await answer_all(visitor, **by_letter)
        assert (visitor.heading, set(visitor.errors)) == ("Where do you live?", {"address_line_1"})


async def test_an_answer_is_changed_from_the_check_page_and_the_rest_is_kept(door: Door) -> None:
    async with door.as_() as visitor:
        await answer_all(visitor)
        await visitor.send(button={"go": "number"})
        await visitor.send({"nhs_number": "9990000026"})
        while visitor.heading != "Check your answers":
            await visitor.send()
        assert "999 000 0026" in visitor.text
        assert "Large print" in visitor.text


async def test_the_front_pages_are_open_to_everybody(door: Door) -> None:
    async with door.as_() as visitor:
        for path in ("/", "/help", "/accessibility", "/referral/self", "/referral/self/sent"):
            await visitor.open(path)
            assert visitor.response is not None
            assert visitor.response.status_code == 200
            assert visitor.heading


async def test_who_works_here_goes_from_the_front_to_what_they_owe(door: Door) -> None:
    async with door.as_(NORTH_LEAD) as visitor:
        answer = await visitor.client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/referral/triage")
