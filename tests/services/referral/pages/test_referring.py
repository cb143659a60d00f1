"""A practice refers a person over three pages."""

from collections.abc import Mapping
from typing import Any

from shared.runtime.actor import Role
from tests.services.referral.doors import Door, Visitor
from tests.services.referral.network import ASH, COLLEAGUE, ELM, NORTH, NORTH_LEAD, REFERRER, actor

WHO: Mapping[str, Any] = {
    "given_name": "Rosa",
    "family_name": "Okafor",
    "born_on[day]": "14",
    "born_on[month]": "3",
    "born_on[year]": "1951",
    "nhs_number": "999 000 0018",
    "postcode": "rm17 6aa",
    "phone": "07700 900 866",
}
WHY: Mapping[str, Any] = {
    "reasons": ["debt", "loneliness"],
    "main_reason": "loneliness",
    "urgency": "urgent",
    "channels": ["call"],
    "agreement": "person",
    "safety_note": "A dog that bites",
}


async def refer(visitor: Visitor, who: Mapping[str, Any] = WHO, why: Mapping[str, Any] = WHY) -> None:
    await visitor.open("/referral/new")
    await visitor.send(who)
    await visitor.send(why)
    await visitor.send()


async def test_three_pages_make_a_referral_and_say_what_happens_next(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/new")
        await visitor.send(WHO)
        assert visitor.heading.startswith("Why are you referring Rosa?")
        await visitor.send(WHY)
        assert visitor.heading.startswith("Check before you send")
        assert "999 000 0018" in visitor.text
        assert "RM17 6AA" in visitor.text
        await visitor.send()
        assert visitor.heading == "Referral sent"
        assert "The team lead will decide who takes it. The team is North PCN." in visitor.text
        await visitor.open("/referral/mine")
        assert "Rosa Okafor" in visitor.text
    async with door.as_(NORTH_LEAD) as visitor:
        await visitor.open("/referral/triage")
        assert "Feeling lonely, Money or debt" in visitor.text


async def test_no_page_names_the_person_in_its_title_or_address(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/new")
        for fields in (WHO, WHY, {}):
            await visitor.send(fields)
            assert "Rosa" not in visitor.title
        page = await visitor.open("/referral/mine")
        link = next(str(link["href"]) for link in page.find_all("a") if "mine/" in str(link["href"]))
        assert "rosa" not in link.lower()
        await visitor.open(link)
        assert visitor.heading.startswith("Rosa Okafor")
        assert "Rosa" not in visitor.title


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/new")
        await visitor.send({**WHO, "nhs_number": "111 111 1111", "born_on[year]": ""})
        assert set(visitor.errors) == {"nhs_number", "born_on-day"}
        assert visitor.response is not None
        assert visitor.response.status_code == 422
        assert visitor.title.startswith("Error: ")
        assert visitor.typed["nhs_number"] == "111 111 1111"


async def test_a_way_that_needs_a_number_leads_back_to_where_it_is_asked(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/new")
        await visitor.send({**WHO, "phone": ""})
        await visitor.send({**WHY, "channels": ["call", "letter"]})
        assert visitor.heading.startswith("Who are you referring?")
        assert set(visitor.errors) == {"phone", "address_line_1"}
        await visitor.send({"phone": "07700 900 866", "address_line_1": "1 Test Street"})
        await visitor.send()
        assert visitor.heading.startswith("Check before you send")


async def test_without_an_agreement_there_is_no_referral(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/new")
        await visitor.send(WHO)
        await visitor.send({**WHY, "agreement": "authority"})
        assert set(visitor.errors) == {"agreement_by"}


async def test_an_unticked_reason_is_gone(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/new")
        await visitor.send(WHO)
        await visitor.send(WHY)
        await visitor.send(button={"go": "why"})
        assert visitor.heading.startswith("Why are you referring")
        await visitor.send({"reasons": ["debt"], "main_reason": ""})
        assert "Feeling lonely" not in visitor.text


async def test_the_same_form_sent_twice_makes_one_referral(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/new")
        await visitor.send(WHO)
        check = await visitor.send(WHY)
        first = await visitor.send()
        visitor.page = check
        assert (await visitor.send()).h1 == first.h1
        await visitor.open("/referral/mine")
        assert "1 person" in visitor.text


async def test_a_colleague_learns_of_their_practices_referral_and_another_practice_whom_to_ask(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await refer(visitor)
        await refer(visitor)
        assert visitor.heading == "This person is already being supported"
        assert "Your practice referred them" in visitor.text
    async with door.as_(COLLEAGUE) as visitor:
        await refer(visitor)
        assert visitor.response is not None
        assert visitor.response.status_code == 409
        assert "speak to North PCN" in visitor.text
        for hidden in ("Your practice", "Elm", "different person"):
            assert hidden not in visitor.text


async def test_a_namesake_is_referred_when_the_professional_says_it_is_somebody_else(door: Door) -> None:
    unnumbered = {**WHO, "nhs_number": ""}
    async with door.as_(REFERRER) as visitor:
        await refer(visitor, unnumbered)
        await refer(visitor, unnumbered)
        assert visitor.heading == "This person may already be supported"
        await visitor.send(button={"different_person": "yes"})
        assert visitor.heading == "Referral sent"


async def test_who_works_for_two_practices_says_for_which(door: Door) -> None:
    async with door.as_(actor("rita", Role.REFERRER, ELM, ASH)) as visitor:
        await visitor.open("/referral/new")
        await visitor.send(WHO)
        assert set(visitor.errors) == {"practice"}
        await visitor.send({"practice": ASH})
        assert visitor.heading.startswith("Why are you referring")


async def test_others_do_not_refer(door: Door) -> None:
    for path in ("/referral/new", "/referral/mine"):
        async with door.as_(actor("jo", Role.LINK_WORKER, NORTH)) as visitor:
            await visitor.open(path)
            assert visitor.response is not None
            assert visitor.response.status_code == 403
