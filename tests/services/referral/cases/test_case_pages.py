"""The link worker's pages, drawn by the real app in each of their states."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.referral.actions.hearing import hear_of_request
from services.referral.actions.prescriptions import prescribe
from services.referral.domain.prescriptions import Heard, News
from services.referral.domain.referral import Referral
from services.referral.store.notes import Note, add_note
from services.referral.store.request_rows import ActivityRow, CaseMessageRow
from services.referral.store.requests import Prescription, keep_activity
from shared.runtime.ids import new_id
from shared.runtime.store import Store
from tests.services.referral.cases.world import AL, FAR_LEAD, JO, LEE, REFERRER, add_case, an_activity, as_service
from tests.services.referral.doors import Door

CASE = "/referral/cases/K7F-3QD"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def case(store: Store) -> Referral:
    async with as_service(store) as tx:
        return await add_case(tx, made_at=now() - timedelta(days=2), allocated_at=now() - timedelta(hours=2))


@pytest.fixture
async def singers(store: Store) -> ActivityRow:
    async with as_service(store) as tx:
        row = an_activity()
        await keep_activity(tx, row)
        return row


async def ask(store: Store, activity: ActivityRow, *news: News, **more: Any) -> Prescription:
    asked_at = now() - timedelta(days=10)
    async with as_service(store) as tx:
        asked = await prescribe(tx, "K7F-3QD", activity, agreed=True, answer_by=None, now=asked_at)
    for each in news:
        async with as_service(store) as tx:
            await hear_of_request(tx, asked.id, Heard(each, now() - timedelta(days=5), **more))
    return asked


def date_fields(name: str, day: datetime) -> dict[str, str]:
    return {f"{name}[day]": str(day.day), f"{name}[month]": str(day.month), f"{name}[year]": str(day.year)}


async def test_a_new_case_stands_on_today_with_its_first_call(door: Door, case: Referral) -> None:
    async with door.as_(JO) as visitor:
        await visitor.open("/referral/today")
        assert visitor.heading.startswith("Today, ")
        assert "First attempt to reach them" in visitor.text
        assert "Record a call" in visitor.text
        assert "Rosa" not in str(visitor.page and visitor.page.title)


async def test_a_day_with_nothing_owed_says_so(door: Door) -> None:
    async with door.as_(JO) as visitor:
        await visitor.open("/referral/today")
        assert "Nothing is owed today" in visitor.text
        assert "Your team lead allocates them" in visitor.text
        await visitor.open("/referral/cases")
        assert "No cases yet" in visitor.text
        await visitor.open("/referral/overdue")
        assert "Every group has answered" in visitor.text


async def test_the_case_says_who_it_is_and_how_to_reach_them_safely_without_a_click(door: Door, case: Referral) -> None:
    async with door.as_(JO) as visitor:
        page = await visitor.open(CASE)
        assert visitor.heading == "Rosa Okafor K7F-3QD"
        for words in (
            "Do not leave a message.",
            "No safety concerns recorded, asked 3 November 2026",
            "Reach them by call. Safe times: 10am to 2pm.",
            "large print, Polish interpreter",
            "My garden",
            "Elm Surgery",
        ):
            assert words in visitor.text
        assert page.title
        assert "Okafor" not in page.title.get_text()


async def test_others_do_not_see_the_case(door: Door, case: Referral) -> None:
    paths = ("", "/contact", "/sessions/next", "/plan", "/outcomes", "/prescribe", "/requests", "/history", "/close")
    for actor in (AL, FAR_LEAD, REFERRER):
        async with door.as_(actor) as visitor:
            for path in paths:
                await visitor.open(CASE + path)
                assert visitor.response
                assert visitor.response.status_code in (403, 404)
                assert "Rosa" not in visitor.text


async def test_a_call_is_recorded_and_the_form_offers_no_unsafe_message(door: Door, case: Referral) -> None:
    async with door.as_(JO) as visitor:
        await visitor.open(f"{CASE}/contact")
        assert "07700 900 866" in visitor.text
        assert "Left a message" not in visitor.text
        await visitor.send()
        assert set(visitor.errors) == {"mode", "outcome"}
        await visitor.send({"mode": "phone", "outcome": "left-message"})
        assert "outcome" in visitor.errors
        await visitor.send({"mode": "phone", "outcome": "reached", "note": "Likes trains"})
        assert "Contact recorded. The case is active." in visitor.text
        assert "Likes trains" in visitor.text


async def test_a_form_sent_twice_is_done_once(door: Door, case: Referral) -> None:
    async with door.as_(JO) as visitor:
        page = await visitor.open(f"{CASE}/contact")
        await visitor.send({"mode": "phone", "outcome": "no-answer"})
        visitor.page = page
        await visitor.send({"mode": "phone", "outcome": "no-answer"})
        await visitor.open(f"{CASE}/contact")
        assert "This is the second attempt" in visitor.text


async def test_a_session_is_recorded_with_the_next_one_booked(door: Door, case: Referral) -> None:
    later = now() + timedelta(days=7)
    async with door.as_(JO) as visitor:
        await visitor.open(f"{CASE}/sessions/next")
        assert visitor.heading.startswith("Session 1 of 12")
        await visitor.send()
        assert set(visitor.errors) == {"happened", "mode"}
        wrong = {"happened": "completed", "mode": "phone", "next_time": "noonish"}
        await visitor.send(wrong)
        assert set(visitor.errors) == {"next_on-day", "next_time"}
        await visitor.send(
            {**wrong, **date_fields("next_on", later), "next_time": "2:30pm", "note": "Spoke of singing"}
        )
        assert "Session 1 of 12 saved. The next is booked for" in visitor.text
        await visitor.open(f"{CASE}/sessions/2")
        assert "Last time" in visitor.text
        assert "Booked for" in visitor.text
        await visitor.open(f"{CASE}/sessions/1")
        assert "Spoke of singing" in visitor.text
        await visitor.open(f"{CASE}/sessions")
        assert "1 of 12 sessions took place" in visitor.text
        await visitor.open(f"{CASE}/sessions/9")
        assert visitor.response
        assert visitor.response.status_code == 404
        await visitor.open(f"{CASE}/sessions/book")
        await visitor.send({**date_fields("next_on", later), "next_time": "3pm"})
        assert "already booked" in visitor.errors["next_on-day"]


async def test_a_plan_is_agreed_shown_for_print_and_guarded_by_its_version(door: Door, case: Referral) -> None:
    async with door.as_(JO) as visitor, door.as_(JO) as other:
        await visitor.open(f"{CASE}/plan")
        assert "There is no plan yet" in visitor.text
        await visitor.open(f"{CASE}/plan/change")
        await other.open(f"{CASE}/plan/change")
        await visitor.send({"goal-1": ""})
        assert set(visitor.errors) == {"goal-1"}
        more = await visitor.send({"goal-1": "I want to sing again"}, button={"more": "goal"})
        assert more.find(id="goal-3")
        goal = {"goal-1": "I want to sing again", "what-1-1": "Call the choir", "who-1-1": "Jo"}
        await visitor.send({**goal, **date_fields("by-1-1", now() + timedelta(days=9))}, button={"more": ""})
        assert "Version 1 is saved" in visitor.text
        assert "“I want to sing again”" in visitor.text
        assert "Jo: Call the choir, by" in visitor.text
        await visitor.open(f"{CASE}/plan?print=large")
        assert "Plain print" in visitor.text
        await other.send({"goal-1": "Another goal"})
        assert other.response
        assert other.response.status_code == 409
        assert "Another goal" in other.text


async def test_well_being_is_recorded_whole_or_skipped_with_a_reason(door: Door, case: Referral) -> None:
    answers = {"satisfied": "3", "worthwhile": "0", "happy": "10", "anxious": "6"}
    async with door.as_(JO) as visitor:
        await visitor.open(f"{CASE}/outcomes")
        await visitor.send({"satisfied": "3"})
        assert set(visitor.errors) == {"worthwhile", "happy", "anxious"}
        await visitor.send({"asked": "no"})
        assert set(visitor.errors) == {"skip_reason"}
        await visitor.send({"asked": "yes", **answers})
        assert "Well-being recorded" in visitor.text
        await visitor.open(f"{CASE}/outcomes")
        for words in ("3, low", "0, low", "10, very high", "6, high", "Ask again"):
            assert words in visitor.text


async def test_a_group_chosen_in_the_directory_is_asked_after_the_person_agreed(
    door: Door, case: Referral, singers: ActivityRow
) -> None:
    async with door.as_(JO) as visitor:
        page = await visitor.open(f"{CASE}/prescribe")
        form = page.select_one("form[action='/directory/search']")
        assert form
        assert {"choosing", "needs", "postcode", "words", "age"} <= {
            str(each.get("name")) for each in form.find_all("input")
        }
        posted = await visitor.client.post(f"{CASE}/prescribe", data={"activity": str(singers.id)})
        await visitor._show(posted)
        assert visitor.heading.startswith("Riverside Singers")
        assert "Room for 3" in visitor.text
        assert "The person speaks Polish" in visitor.text
        await visitor.send()
        assert set(visitor.errors) == {"agreed"}
        await visitor.send({"agreed": "yes"})
        assert "Riverside Singers has been asked for a place" in visitor.text
        assert "Sent" in visitor.text
        await visitor._show(await visitor.client.post(f"{CASE}/prescribe", data={"activity": str(singers.id)}))
        assert "See the request" in visitor.text


async def test_an_unknown_activity_is_said_plainly(door: Door, case: Referral) -> None:
    async with door.as_(JO) as visitor:
        await visitor._show(await visitor.client.post(f"{CASE}/prescribe", data={"activity": "nothing"}))
        assert visitor.response
        assert visitor.response.status_code == 404
        assert "Search the directory and choose again" in visitor.text


async def test_a_signpost_and_an_unmet_need_are_recorded(door: Door, case: Referral, singers: ActivityRow) -> None:
    async with door.as_(JO) as visitor:
        await visitor._show(await visitor.client.post(f"{CASE}/prescribe", data={"activity": "B2C-4DF"}))
        assert visitor.page
        form = visitor.page.select_one(f"form[action='{CASE}/signposts']")
        assert form
        fields = {str(each["name"]): str(each["value"]) for each in form.find_all("input")}
        await visitor._show(await visitor.client.post(f"{CASE}/signposts", data=fields))
        assert "Signposted to Riverside Singers" in visitor.text
        await visitor.open(f"{CASE}/unmet")
        await visitor.send()
        assert set(visitor.errors) == {"cause"}
        await visitor.send({"cause": "no_capacity"})
        assert "Unmet need recorded" in visitor.text


OWED = (
    (News.OVERDUE, "No answer yet", "Take back or ask another"),
    (News.DECLINED, "Declined", "Find another group"),
    (News.NEEDS_PERSON_ACTION, "Waiting for person", "Record a call"),
    (News.NOT_HELPED, "Did not help", "Find another group"),
)


async def test_what_groups_said_or_did_not_say_is_owed_on_today(door: Door, store: Store, case: Referral) -> None:
    for number, (news, _, _) in enumerate(OWED):
        activity = an_activity(reference=f"B2C-4D{number}", name=f"Group {number}")
        async with as_service(store) as tx:
            await keep_activity(tx, activity)
        await ask(store, activity, news)
    async with door.as_(JO) as visitor:
        page = await visitor.open("/referral/today")
        rows = [each.get_text(" ") for each in page.select(".kith-list li")]
        for number, (_, label, act) in enumerate(OWED):
            row = next(text for text in rows if f"Group {number}" in text)
            assert label in row
            assert act in row


async def test_every_state_of_a_request_is_drawn_on_every_page(door: Door, store: Store, case: Referral) -> None:
    asked = []
    for number, news in enumerate((None, *News)):
        activity = an_activity(reference=f"B2C-4D{number}", name=f"Group {number}")
        async with as_service(store) as tx:
            await keep_activity(tx, activity)
        asked.append(await ask(store, activity, *([news] if news else []), reason="no_capacity" if news else ""))
    withdrawals = [f"{CASE}/requests/{each.reference}/withdraw" for each in asked]
    lists = ["/referral/today", "/referral/overdue", "/referral/cases"]
    async with door.as_(LEE) as visitor:
        for path in (*lists, *(CASE + rest for rest in ("", "/requests", "/plan", "/history", "/close")), *withdrawals):
            await visitor.open(path)
            assert visitor.response
            assert visitor.response.status_code == 200, path


async def test_a_request_is_taken_back_with_a_reason(
    door: Door, store: Store, case: Referral, singers: ActivityRow
) -> None:
    asked = await ask(store, singers)
    async with door.as_(JO) as visitor:
        await visitor.open(f"{CASE}/requests/{asked.reference}/withdraw")
        await visitor.send()
        assert set(visitor.errors) == {"reason"}
        await visitor.send({"reason": "declined_by_person"})
        assert "is taken back" in visitor.text
        assert "Not wanted" in visitor.text


async def test_closing_with_a_request_open_is_asked_about_first(
    door: Door, store: Store, case: Referral, singers: ActivityRow
) -> None:
    await ask(store, singers)
    async with door.as_(JO) as visitor:
        await visitor.open(f"{CASE}/close")
        await visitor.send()
        assert set(visitor.errors) == {"reason"}
        await visitor.send({"reason": "other"})
        assert set(visitor.errors) == {"words"}
        await visitor.send({"reason": "goals-reached"})
        assert visitor.heading.startswith("Requests are still open")
        await visitor.send()
        assert "The case is closed" in visitor.text
        assert "Nothing more can be recorded" in visitor.text
        await visitor.open(f"{CASE}/history")
        assert "Case closed: the person reached their goals" in visitor.text
        await visitor.open(f"{CASE}/contact")
        await visitor.send({"mode": "phone", "outcome": "reached"})
        assert visitor.response
        assert visitor.response.status_code == 409


async def test_what_others_raised_is_owed_until_it_is_dealt_with(door: Door, store: Store, case: Referral) -> None:
    async with as_service(store) as tx:
        add_note(tx, case.id, Note(now() - timedelta(days=9), False, "Phone: 07700 900 867"))
        tx.session.add(
            CaseMessageRow(
                id=new_id(),
                referral_id=case.id,
                kind="referral-made",
                audience="person",
                channel="email",
                state="withheld",
                reason="unsafe",
                at=now() - timedelta(days=9),
            )
        )
    async with door.as_(JO) as visitor:
        await visitor.open("/referral/today")
        assert "A self-referral may be from this person" in visitor.text
        assert "A message to the person was withheld" in visitor.text
        await visitor.open(CASE)
        assert "Phone: 07700 900 867" in visitor.text
        assert "Because contact is marked unsafe." in visitor.text
        await visitor.send()
        await visitor.send()
        assert "To look at" not in visitor.text
        await visitor.open(f"{CASE}/history")
        assert "Message to the person withheld" in visitor.text


async def test_nobody_deals_with_what_was_raised_on_anothers_case(door: Door, store: Store, case: Referral) -> None:
    async with as_service(store) as tx:
        add_note(tx, case.id, Note(now(), True, "Phone: 07700 900 867"))
        other = await add_case(tx, "W4T-NGR", link_worker="al")
        add_note(tx, other.id, Note(now(), True, "Phone: 07700 900 868"))
        await tx.session.flush()
        (note,) = await tx.rows("SELECT id FROM referral_note WHERE referral_id = :id", id=other.id)
    async with door.as_(JO) as visitor:
        await visitor.open(CASE)
        await visitor.send({"raised": str(note["id"])})
        assert visitor.response
        assert visitor.response.status_code == 404
    async with as_service(store) as tx:
        assert not await tx.rows("SELECT 1 FROM looked_at")


async def test_a_team_lead_sees_the_networks_cases_and_whose_they_are(door: Door, case: Referral) -> None:
    async with door.as_(LEE) as visitor:
        await visitor.open("/referral/cases")
        assert "Link worker: Jo" in visitor.text
        await visitor.open("/referral/today")
        assert "in your networks" in visitor.text or "Nothing is owed today" in visitor.text
