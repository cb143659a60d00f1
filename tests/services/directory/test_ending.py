"""A place ends: the provider says how, once, and the link worker hears of it."""

from datetime import date, timedelta

import pytest

from services.directory.actions.requests import answer_request, end_place, record_attendance
from services.directory.domain.answers import Accept, Ended, attend, end, withdraw
from services.directory.domain.request import (
    Attendance,
    CameAlready,
    NoPlaceGiven,
    NotComeYet,
    Outcome,
    PlaceHasEnded,
    RequestState,
    RequestTakenBack,
)
from shared.door.states import STATES
from shared.runtime.actor import Role
from shared.runtime.clock import now
from tests.services.directory.samples import NOW, request
from tests.services.directory.stage import PROVIDER, Stage
from tests.services.directory.test_pages import DESK, REQUEST, confirmed, desk, hidden, send

REFERENCE = "M8T-2VW"
END = f"/directory/api/requests/{REFERENCE}/end"
TODAY = date(2026, 11, 20)
ALLOWED = [
    (RequestState.STARTED, Outcome.COMPLETED),
    (RequestState.STARTED, Outcome.NOT_HELPED),
    (RequestState.ACCEPTED, Outcome.NOT_HELPED),
    (RequestState.ACCEPTED, Outcome.COULD_NOT_CONTACT),
]


@pytest.mark.parametrize(("state", "outcome"), ALLOWED)
def test_an_end_is_told_with_its_outcome_which_is_the_state_from_then_on(state: RequestState, outcome: Outcome) -> None:
    ended, said = end(request(state=state), outcome, NOW)
    assert (ended.state.value, ended.ended_at, said) == (outcome.value, NOW, [Ended(outcome)])
    assert end(ended, outcome, NOW + timedelta(hours=1)) == (ended, [])


def test_what_nobody_came_to_is_not_complete_and_who_came_was_reached() -> None:
    with pytest.raises(NotComeYet):
        end(request(state=RequestState.ACCEPTED), Outcome.COMPLETED, NOW)
    with pytest.raises(CameAlready):
        end(request(state=RequestState.STARTED), Outcome.COULD_NOT_CONTACT, NOW)


@pytest.mark.parametrize("state", [RequestState.SENT, RequestState.WAITLISTED, RequestState.DECLINED])
def test_only_a_place_that_was_given_can_end(state: RequestState) -> None:
    with pytest.raises(NoPlaceGiven):
        end(request(state=state), Outcome.NOT_HELPED, NOW)


def test_an_end_is_final() -> None:
    ended, _ = end(request(state=RequestState.STARTED), Outcome.COMPLETED, NOW)
    with pytest.raises(PlaceHasEnded):
        end(ended, Outcome.NOT_HELPED, NOW)
    with pytest.raises(PlaceHasEnded):
        attend(ended, Attendance(TODAY, attended=True), NOW)
    gone, _ = withdraw(ended, RequestState.IN_ERROR)
    with pytest.raises(RequestTakenBack):
        end(gone, Outcome.NOT_HELPED, NOW)


def test_every_outcome_has_its_label_and_colour() -> None:
    assert {outcome.value for outcome in Outcome} <= set(STATES["request"])


async def test_an_end_is_told_to_the_others_about_the_prescription(stage: Stage) -> None:
    asked = await stage.asked()
    async with stage.acting(PROVIDER) as tx:
        await answer_request(tx, REFERENCE, Accept(), NOW)
        await record_attendance(tx, REFERENCE, Attendance(TODAY, attended=True), NOW)
        for _ in range(2):
            await end_place(tx, REFERENCE, Outcome.COMPLETED, NOW)
    *_, ended = await stage.events("place-events")
    assert (ended["type"], ended["partitionkey"]) == ("kith.place-ended.v1", str(asked.referral))
    assert ended["data"]["outcome"] == "completed"
    assert ended["subject"] == ended["data"]["prescription_id"] == str(asked.prescription)
    told = ["place-acknowledged", "place-accepted", "attendance-recorded", "place-ended"]
    assert await stage.told("place-events") == told


async def test_a_provider_ends_a_place_by_the_api(stage: Stage) -> None:
    await stage.asked()
    path, today = END.removesuffix("end"), str(now().date())
    (sent,) = await stage.rows("SELECT sent_at FROM place_request")
    came = {"on": str(sent["sent_at"].date()), "attended": True}
    async with stage.visit(Role.PROVIDER) as provider:
        assert (await provider.post(END, json={"outcome": "completed"})).status_code == 409
        await provider.post(f"{path}answer", json={"answer": "accept"})
        assert (await provider.post(END, json={"outcome": "completed"})).status_code == 409
        assert (await provider.post(END, json={"outcome": "bored"})).status_code == 422
        await provider.post(f"{path}attendance", json=came)
        ended = await provider.post(END, json={"outcome": "completed"}, headers={"Idempotency-Key": "e"})
        again = await provider.post(END, json={"outcome": "completed"}, headers={"Idempotency-Key": "e"})
        assert (await provider.post(END, json={"outcome": "not_helped"})).status_code == 409
    assert (ended.json()["state"], ended.json()["ended_at"][:10], again.text) == ("completed", today, ended.text)
    async with stage.visit(Role.LINK_WORKER) as other, stage.visit(Role.PROVIDER, organisations=("else",)) as stranger:
        assert (await other.post(END, content=b"{")).status_code == 403
        assert (await stranger.post(END, json={"outcome": "completed"})).status_code == 404


async def test_a_provider_ends_a_place_on_its_page(stage: Stage) -> None:
    await stage.asked()
    path = f"{REQUEST}/end"
    async with desk(stage) as provider:
        assert "requests that you have accepted" in (await provider.get(path)).text
        await send(provider, REQUEST, REQUEST, answer="accept")
        assert f'href="{path}"' in (await provider.get(REQUEST)).text
        nothing = await send(provider, path, path)
        early = await send(provider, path, path, outcome="completed")
        fields = {**hidden((await provider.get(path)).text, path), "outcome": "could_not_contact"}
        said = await confirmed(provider, await provider.post(path, data=fields))
        twice = await provider.post(path, data=fields)
        request_page, end_page = (await provider.get(REQUEST)).text, (await provider.get(path)).text
    assert (nothing.status_code, "Choose how it ended" in nothing.text) == (422, True)
    assert (early.status_code, "Record that the person came" in early.text) == (422, True)
    assert f"{REFERENCE} has ended. We told the link worker." in said
    assert (twice.status_code, twice.headers["location"]) == (303, DESK)
    assert "Not reached" in request_page
    assert "Say how it ended" not in request_page
    assert "how this ended. Nothing more is owed" in end_page
    assert (await stage.told("place-events"))[-1] == "place-ended"
