"""What reaches the desk, what leaves it, and what the clock does, on a real store."""

import asyncio
import json
from datetime import date, timedelta

import pytest

from services.directory.actions.requests import (
    acknowledge_request,
    answer_request,
    mark_overdue,
    record_attendance,
)
from services.directory.actions.rooms import NotYourActivity, state_capacity
from services.directory.domain.answers import Accept, Decline, Waitlist
from services.directory.domain.capacity import CapacityStatus
from services.directory.domain.request import Attendance, DeclineReason, RequestState
from services.directory.store.activities import NoSuchActivity
from services.directory.store.requests import NoSuchRequest, load_request, requests_in
from shared.backbone.consumers import Record
from shared.events.referral import ActivityPrescribed
from shared.events.snapshots import example
from shared.runtime.actor import Actor, Role
from shared.runtime.ids import new_id
from shared.runtime.store import StaleVersion
from tests.services.directory.samples import NOW
from tests.services.directory.stage import OTHER, PROVIDER, Asked, Stage

REFERENCE = "M8T-2VW"


async def test_a_request_comes_to_the_desk_of_who_runs_the_activity_and_its_clock_starts(stage: Stage) -> None:
    asked = await stage.asked(reason_group="withheld", urgency="urgent", meets_rules=None)
    async with stage.acting(PROVIDER) as tx:
        (request,) = await requests_in(tx, [RequestState.SENT])
    assert (request.reference, request.need, request.urgency, request.meets_rules) == (
        REFERENCE,
        "withheld",
        "urgent",
        None,
    )
    (timer,) = await stage.rows("SELECT kind, subject, due FROM timer")
    assert (timer["kind"], timer["subject"], timer["due"]) == ("reply-due", asked.prescription, request.answer_by)
    assert await stage.told("place-events") == []


async def test_a_request_is_nobody_elses_to_see_or_answer(stage: Stage) -> None:
    await stage.asked()
    link_worker = Actor("kim", frozenset({Role.LINK_WORKER}), frozenset({"riverside"}))
    for actor in (OTHER, link_worker, Actor("kim", frozenset())):
        async with stage.acting(actor) as tx:
            assert await requests_in(tx, list(RequestState)) == []
            with pytest.raises(NoSuchRequest):
                await answer_request(tx, REFERENCE, Accept(), NOW)


async def test_a_request_for_an_activity_that_we_do_not_list_is_no_request(stage: Stage) -> None:
    with pytest.raises(NoSuchActivity):
        await stage.hear(Asked(new_id()).prescribed())


async def test_an_answer_is_told_under_the_referral_and_stops_the_clock(stage: Stage) -> None:
    asked = await stage.asked()
    async with stage.acting(PROVIDER) as tx:
        await answer_request(tx, REFERENCE, Waitlist(date(2027, 1, 5)), NOW)
    seen, waitlisted = await stage.events("place-events")
    assert [seen["type"], waitlisted["type"]] == ["kith.place-acknowledged.v1", "kith.place-waitlisted.v1"]
    assert waitlisted["partitionkey"] == str(asked.referral)
    assert waitlisted["subject"] == waitlisted["data"]["prescription_id"] == str(asked.prescription)
    assert (waitlisted["pcn"], waitlisted["data"]["expected"]) == ("U99001", "2027-01-05")
    assert await stage.rows("SELECT kind FROM timer") == []


async def test_a_waiting_person_can_be_given_a_place_and_come(stage: Stage) -> None:
    await stage.asked()
    async with stage.acting(PROVIDER) as tx:
        await acknowledge_request(tx, REFERENCE, NOW)
        await answer_request(tx, REFERENCE, Waitlist(), NOW)
    async with stage.acting(PROVIDER) as tx:
        await answer_request(tx, REFERENCE, Accept(date(2026, 11, 24)), NOW)
        came = NOW + timedelta(days=4)
        request = await record_attendance(tx, REFERENCE, Attendance(date(2026, 11, 24), attended=True), came)
        assert request.state is RequestState.STARTED
    told = ["place-acknowledged", "place-waitlisted", "place-accepted", "attendance-recorded"]
    assert await stage.told("place-events") == told


async def test_silence_is_told_once_with_the_time_that_was_promised(stage: Stage) -> None:
    asked = await stage.asked()
    (timer,) = await stage.rows("SELECT due FROM timer")
    for _ in range(2):
        async with stage.acting() as tx:
            await mark_overdue(tx, asked.prescription, timer["due"])
    (overdue,) = await stage.events("place-events")
    assert (overdue["type"], overdue["time"]) == ("kith.reply-overdue.v1", "2026-11-27T23:59:59Z")
    async with stage.acting(PROVIDER) as tx:
        assert (await load_request(tx, REFERENCE)).shown_state == "unanswered"


async def test_the_timer_that_fell_due_fires_by_itself(stage: Stage) -> None:
    await stage.asked(answer_by="2026-11-18T23:59:59Z")
    await stage.timers.fire_due(stage.store)
    assert await stage.told("place-events") == ["reply-overdue"]
    assert await stage.rows("SELECT kind FROM timer") == []


async def test_an_answer_typed_before_the_time_ran_out_is_not_spoiled_by_the_clock(stage: Stage) -> None:
    asked = await stage.asked()
    async with stage.acting(PROVIDER) as tx:
        drawn = (await load_request(tx, REFERENCE)).version
    async with stage.acting() as tx:
        late = (await mark_overdue(tx, asked.prescription, NOW + timedelta(days=8))).answer_by + timedelta(days=1)
    async with stage.acting(PROVIDER) as tx:
        answered = await answer_request(tx, REFERENCE, Decline(DeclineReason.SERVICE_ENDED), late, expected=drawn)
    assert answered.overdue_since is not None
    assert await stage.told("place-events") == ["reply-overdue", "place-acknowledged", "place-declined"]


async def test_an_answer_to_what_a_colleague_has_changed_is_refused(stage: Stage) -> None:
    await stage.asked()
    async with stage.acting(PROVIDER) as tx:
        await answer_request(tx, REFERENCE, Waitlist(), NOW, expected=1)
    with pytest.raises(StaleVersion):
        async with stage.acting(PROVIDER) as tx:
            await answer_request(tx, REFERENCE, Waitlist(date(2027, 1, 5)), NOW, expected=1)
    assert await stage.told("place-events") == ["place-acknowledged", "place-waitlisted"]


async def test_of_two_answers_at_one_moment_one_counts(stage: Stage) -> None:
    await stage.asked()

    async def say(answer: Accept | Decline) -> None:
        async with stage.acting(PROVIDER) as tx:
            await answer_request(tx, REFERENCE, answer, NOW)

    said = [say(Accept()), say(Decline(DeclineReason.NO_CAPACITY))]
    outcomes = await asyncio.gather(*said, return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["AlreadyAnswered", "NoneType"]
    assert len(await stage.told("place-events")) == 2


async def test_what_was_taken_back_owes_nothing(stage: Stage) -> None:
    listed = await stage.listed()
    states = {"declined_by_person": "declined_by_person", "case_closed": "declined_by_person"}
    for number, (reason, state) in enumerate({**states, "entered_in_error": "entered_in_error"}.items(), start=2):
        asked = Asked(listed.activity, f"M8T-2V{number}")
        await stage.hear(asked.prescribed(), asked.withdrawn(reason))
        async with stage.acting(PROVIDER) as tx:
            assert (await load_request(tx, asked.reference)).shown_state == state
    assert await stage.rows("SELECT kind FROM timer") == []
    assert await stage.told("place-events") == []


async def test_room_that_is_said_is_told_with_the_whole_activity(stage: Stage) -> None:
    await stage.listed()
    (row,) = await stage.rows("SELECT reference FROM activity")
    async with stage.acting(PROVIDER) as tx:
        await state_capacity(tx, row["reference"], CapacityStatus.CAPACITY, 3, NOW)
    told = (await stage.events("directory-events"))[-1]
    assert told["type"] == "kith.capacity-stated.v1"
    assert told["data"]["activity"]["activity_name"] == "Riverside Singers"
    assert told["data"]["activity"]["room"] == {"status": "capacity", "places": 3, "stated_at": "2026-11-20T12:00:00Z"}


async def test_nobody_speaks_for_anothers_activity_but_a_steward(stage: Stage) -> None:
    await stage.listed()
    (row,) = await stage.rows("SELECT reference FROM activity")
    with pytest.raises(NotYourActivity):
        async with stage.acting(OTHER) as tx:
            await state_capacity(tx, row["reference"], CapacityStatus.NO_CAPACITY, None, NOW)
    async with stage.acting(Actor("sam", frozenset({Role.STEWARD}))) as tx:
        await state_capacity(tx, row["reference"], CapacityStatus.NO_CAPACITY, None, NOW)
    assert await stage.told("directory-events") == ["activity-listed", "capacity-stated"]


async def test_the_least_that_the_contract_asks_for_is_heard(stage: Stage) -> None:
    asked = await stage.listed()
    event = json.loads(example(ActivityPrescribed, "minimal"))
    event["data"]["activity_id"] = str(asked.activity)
    await stage.hear(Record("referral-events", 0, 0, event["partitionkey"], json.dumps(event).encode()))
    async with stage.acting(PROVIDER) as tx:
        (request,) = await requests_in(tx, [RequestState.SENT])
    assert (request.meets_rules, str(request.id)) == (None, event["data"]["prescription_id"])
