"""The screens: find a group, a listing, the desk, a request, attendance and room, in each of their states."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from services.directory.pages import desk as desk_pages
from shared.runtime.actor import Role
from shared.runtime.clock import now
from shared.runtime.ids import new_id
from tests.services.directory.stage import Asked, Stage, service

DESK = "/directory/desk"
REQUEST = f"{DESK}/requests/M8T-2VW"
PLACE = {"name": "The hall", "latitude": 51.4800, "longitude": 0.3200}


@asynccontextmanager
async def desk(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    async with stage.visit(Role.PROVIDER) as client:
        yield client


def hidden(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the page's form with this action."""
    form = html[html.index(f'action="{action}"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")]))


async def send(client: httpx.AsyncClient, page: str, action: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page and send it."""
    html = (await client.get(page)).text
    return await client.post(action, data={**hidden(html, action), **fields})


async def confirmed(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    """The page that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return (await client.get(answer.headers["location"])).text


def title(html: str) -> str:
    found = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


async def test_the_search_opens_empty_and_keeps_nothing_of_a_person_in_its_address(stage: Stage) -> None:
    async with stage.visit() as anyone:
        empty = (await anyone.get("/directory/search")).text
        answer = await send(anyone, "/directory/search", "/directory/search", words="tea", postcode="ZE1 0AA")
    assert "Results" not in empty
    assert title(empty) == "Find a group – Kith"
    assert (answer.status_code, answer.url.query) == (200, b"")
    assert "We do not know where ZE1 0AA is" in answer.text


async def test_a_result_card_shows_room_distance_next_time_cost_and_why(stage: Stage) -> None:
    slot = {"byday": "TU", "freq": "WEEKLY", "opens_at": "14:00", "closes_at": "16:00"}
    said = {"status": "capacity", "available": 3, "updated": now().isoformat()}
    free = {"option": "Free", "amount": 0}
    more: dict[str, Any] = {"locations": [PLACE], "schedules": [slot], "capacity": said, "cost_options": [free]}
    await stage.feed(service("Good Neighbours", description="Befriending.", minimum_age=50, **more))
    async with stage.visit() as anyone:
        html = (await anyone.get("/directory/search?words=lonely")).text
    for words in ("1 group, soonest help first", "Room for 3, said today", "at 2pm", "Free", "Aged 50 and over"):
        assert words in html, words
    assert "Ask for a place" not in html


async def test_a_link_worker_who_chooses_for_a_case_can_ask_or_signpost_and_others_cannot(stage: Stage) -> None:
    await stage.feed(service(), service("Park bench", organization=None))
    async with stage.visit(Role.LINK_WORKER) as worker, stage.visit() as anyone:
        chosen = (await send(worker, "/directory/search", "/directory/search", choosing="k7f3qd")).text
        other = (await send(anyone, "/directory/search", "/directory/search", choosing="K7F-3QD")).text
    assert "Choosing for K7F-3QD" in chosen
    assert chosen.count('action="/referral/cases/K7F-3QD/prescribe"') == 1  # nobody answers for the park bench
    assert chosen.count('action="/referral/cases/K7F-3QD/signposts"') == 2
    assert '/referral/cases/K7F-3QD/unmet"' in chosen
    assert hidden(chosen, "/directory/search")["choosing"] == "K7F-3QD"
    assert "K7F-3QD" not in other


async def test_a_search_that_cannot_be_says_where_and_keeps_what_was_typed(stage: Stage) -> None:
    async with stage.visit() as anyone:
        answer = await send(
            anyone,
            "/directory/search",
            "/directory/search",
            words="tea",
            postcode="nowhere",
            age="old",
            within_miles="x",
        )
    assert answer.status_code == 422
    assert title(answer.text).startswith("Error: ")
    for words in (
        "Enter a postcode, like",
        "Age must be a whole number",
        "Choose how far",
        'value="tea"',
        'value="nowhere"',
    ):
        assert words in answer.text, words


async def test_nothing_found_says_what_to_do(stage: Stage) -> None:
    async with stage.visit() as anyone:
        html = (await anyone.get("/directory/search?words=zzzzzz")).text
    assert "0 results for ‘zzzzzz’" in html
    assert "Try other words" in html


async def test_what_narrows_a_search_is_said_and_its_next_page_keeps_the_terms(stage: Stage) -> None:
    await stage.feed(*(service(f"Tea {number:02}", minimum_age=50) for number in range(22)))
    async with stage.visit() as anyone:
        first = (await send(anyone, "/directory/search", "/directory/search", words="tea", age="52")).text
        more = first[first.index("kith-list") :]
        second = (await anyone.post("/directory/search", data=hidden(more, "/directory/search"))).text
    assert "Narrowed to:</strong> Age 52" in first
    assert (first.count("nhsuk-heading-s"), "Tea 19" in first, "Tea 20" in second) == (20, True, True)
    assert "Show the next groups" not in second


async def test_a_listing_shows_its_facts_and_a_withdrawn_one_names_three_alike(stage: Stage) -> None:
    await stage.feed(
        service(description="<p>Sing <b>with</b> us.</p>", locations=[PLACE], accessibility_for_disabilities=[]),
        service("Tea", description="Befriending."),
    )
    (row,) = await stage.rows("SELECT reference FROM activity WHERE name = 'Riverside Singers'")
    path = f"/directory/activities/{row['reference']}"
    async with stage.visit() as anyone:
        listed = (await anyone.get(path)).text
        await stage.feed(service(status="defunct"))
        gone = (await anyone.get(path)).text
        nothing = await anyone.get("/directory/activities/BBB-BBB")
    assert "Sing with us." in listed
    assert "Room not known" in listed
    assert title(listed) == f"Activity {row['reference']} – Kith"
    assert "no longer listed" in gone
    assert "Tea" in gone
    assert nothing.status_code == 404


async def test_an_empty_desk_says_what_to_do(stage: Stage) -> None:
    async with desk(stage) as provider:
        html = (await provider.get(DESK)).text
        room = (await provider.get(f"{DESK}/room")).text
    assert "No one is waiting for your answer." in html
    assert f'href="{DESK}/room"' in html
    assert "You have no activity in the directory." in room


async def test_the_desk_holds_what_waits_first_and_nothing_of_who_it_is_for(stage: Stage) -> None:
    asked = await stage.asked(reason_group="withheld", urgency="urgent", answer_by="2026-11-18T23:59:59Z")
    second = Asked(asked.activity, "M8T-2VX")
    await stage.hear(second.prescribed())
    await stage.timers.fire_due(stage.store)
    async with desk(stage) as provider:
        html = (await provider.get(DESK)).text
        page = (await provider.get(REQUEST)).text
    assert html.index("M8T-2VW") < html.index("M8T-2VX")
    for words in ("No answer yet", "Urgent", "Not shown", "To answer (2)", "You can still answer."):
        assert words in html, words
    for secret in (asked.referral, asked.prescription, second.referral, "K7F-3QD"):
        assert str(secret) not in html + page


async def test_looking_at_a_request_changes_nothing_and_saying_so_does(stage: Stage) -> None:
    await stage.asked()
    async with desk(stage) as provider:
        await provider.get(REQUEST)
        assert await stage.told("place-events") == []
        seen = await confirmed(provider, await send(provider, REQUEST, f"{REQUEST}/seen"))
    assert await stage.told("place-events") == ["place-acknowledged"]
    assert "We told the link worker that you have seen M8T-2VW" in seen
    assert "I have seen this" not in seen


async def test_each_answer_says_what_happens_next(stage: Stage) -> None:
    asked = await stage.listed()
    answers = [
        ({"answer": "accept", "date[day]": "1", "date[month]": "1", "date[year]": "2999"}, "You accepted"),
        ({"answer": "waitlist"}, "is on your waiting list"),
        ({"answer": "ask-person"}, "you need to ask the person"),
        ({"answer": "decline", "reason": "no_capacity"}, "who will look elsewhere"),
    ]
    async with desk(stage) as provider:
        for number, (fields, words) in enumerate(answers, start=2):
            reference = f"M8T-2V{number}" if number < 5 else "M8T-2V9"
            await stage.hear(Asked(asked.activity, reference).prescribed())
            path = f"{DESK}/requests/{reference}"
            said = await confirmed(provider, await send(provider, path, path, **fields))
            assert words in said, said
        html = (await provider.get(DESK)).text
    for words in ("First date Tuesday 1 January 2999", "No date yet", "Waiting for the person (1)"):
        assert words in html, words
    assert "M8T-2V9" not in html


async def test_an_answer_that_is_not_whole_is_asked_for_again(stage: Stage) -> None:
    await stage.asked()
    past = {"date[day]": "1", "date[month]": "1", "date[year]": "2001"}
    wrong = [
        ({}, "Choose your answer"),
        ({"answer": "decline"}, "Choose why you cannot"),
        ({"answer": "accept", "date[day]": "31", "date[month]": "2", "date[year]": "2027"}, "must be a real date"),
        ({"answer": "waitlist", **past}, "The date must be today or later"),
    ]
    async with desk(stage) as provider:
        for fields, words in wrong:
            answer = await send(provider, REQUEST, REQUEST, **fields)
            assert (answer.status_code, words in answer.text) == (422, True), words
    assert await stage.told("place-events") == []


async def test_an_answer_sent_twice_is_one_and_a_stale_one_is_a_conflict(stage: Stage) -> None:
    await stage.asked()
    async with desk(stage) as provider:
        fields = {**hidden((await provider.get(REQUEST)).text, REQUEST), "answer": "waitlist"}
        first, again = [await provider.post(REQUEST, data=fields) for _ in range(2)]
        stale = await provider.post(REQUEST, data={**fields, "_key": str(new_id())})
    assert (first.status_code, again.status_code, stale.status_code) == (303, 303, 409)
    assert "Someone else changed this first" in stale.text
    assert await stage.told("place-events") == ["place-acknowledged", "place-waitlisted"]


async def test_a_request_that_was_taken_back_owes_nothing_and_takes_no_answer(stage: Stage) -> None:
    asked = await stage.asked()
    async with desk(stage) as provider:
        fields = {**hidden((await provider.get(REQUEST)).text, REQUEST), "answer": "accept"}
        await stage.hear(asked.withdrawn("declined_by_person"))
        page, answer = (await provider.get(REQUEST)).text, await provider.post(REQUEST, data=fields)
    assert "This request was taken back. You do not need to do anything." in page
    assert "Send answer" not in page
    assert answer.status_code == 409


async def test_attendance_is_recorded_after_acceptance(stage: Stage) -> None:
    await stage.asked()
    path = f"{REQUEST}/attendance"
    async with desk(stage) as provider:
        assert "requests that you have accepted" in (await provider.get(path)).text
        await send(provider, REQUEST, REQUEST, answer="accept")
        nothing = await send(provider, path, path)
        future = await send(
            provider, path, path, attended="yes", **{"on[day]": "1", "on[month]": "1", "on[year]": "2999"}
        )
        today = now()
        on = {"on[day]": str(today.day), "on[month]": str(today.month), "on[year]": str(today.year)}
        said = await confirmed(provider, await send(provider, path, path, attended="yes", **on))
    assert "Choose whether the person came" in nothing.text
    assert "must be today or earlier" in future.text
    assert "Saved for M8T-2VW: the person came on" in said
    assert "Attending (1)" in said


async def test_everyone_who_attends_can_be_reached_page_by_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_pages, "ATTENDING_SHOWN", 2)
    listed, references = await stage.listed(), [f"M8T-2V{letter}" for letter in "234"]
    for reference in references:
        await stage.hear(Asked(listed.activity, reference).prescribed())
    await stage.rows("UPDATE place_request SET state = 'started' RETURNING 1")
    await stage.rows("INSERT INTO attendance SELECT id, current_date, true FROM place_request RETURNING 1")
    async with desk(stage) as provider:
        first = (await provider.get(DESK)).text
        (older,) = re.findall(r'href="(/directory/desk\?after=[^"#]+)', first)
        second = (await provider.get(older)).text
    shown = [set(re.findall(r"Record attendance<span[^>]*> for ([^<\s]+)<", page)) for page in (first, second)]
    assert "3 requests, latest first" in first
    assert ([len(page) for page in shown], shown[0] | shown[1]) == ([2, 1], set(references))
    assert "after=" not in second


async def test_room_is_one_tap(stage: Stage) -> None:
    await stage.listed()
    path = f"{DESK}/room"
    async with desk(stage) as provider:
        wrong = await send(provider, path, path, status="capacity", places="many")
        none = await send(provider, path, path, status="capacity", places="0")
        said = await confirmed(provider, await send(provider, path, path, status="capacity", places="3"))
        full = await confirmed(provider, await send(provider, path, path, status="no-capacity", places="3"))
    assert "Places must be a whole number" in wrong.text
    assert "Places must be between 1 and" in none.text
    assert "Riverside Singers: Room for 3, said today. Link workers see this now." in said
    assert "Riverside Singers: Full, said today." in full


async def test_the_desk_is_for_providers_and_another_providers_request_is_not_found(stage: Stage) -> None:
    await stage.asked()
    async with stage.visit(Role.LINK_WORKER) as worker, stage.visit(Role.PROVIDER, organisations=("other",)) as other:
        for path in (DESK, REQUEST, f"{REQUEST}/attendance", f"{DESK}/room"):
            assert (await worker.get(path)).status_code == 403
        assert (await other.get(REQUEST)).status_code == 404
        assert "M8T-2VW" not in (await other.get(DESK)).text
    async with stage.visit() as nobody:
        assert (await nobody.get(DESK)).status_code == 303


async def test_user_words_are_never_markup(stage: Stage) -> None:
    await stage.feed(service("Tea &lt;script&gt;alert(1)&lt;/script&gt;", description="&lt;img src=x&gt;"))
    (row,) = await stage.rows("SELECT reference FROM activity")
    async with stage.visit() as anyone, stage.visit(Role.LINK_WORKER) as worker, desk(stage) as provider:
        pages = [
            (await anyone.get(f"/directory/activities/{row['reference']}")).text,
            (await send(worker, "/directory/search", "/directory/search", words="tea", choosing="K7F-3QD")).text,
            (await provider.get(f"{DESK}/room")).text,
        ]
    assert all("<script>alert" not in html and "<img src=x" not in html for html in pages)
