"""A case over the API: the way from first contact to a closed case, sent twice without harm, refused in clear words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.referral.domain.referral import Referral
from services.referral.store.request_rows import ActivityRow
from services.referral.store.requests import keep_activity
from shared.runtime.store import Store
from tests.services.referral.cases.world import AL, JO, REFERRER, add_case, an_activity, as_service
from tests.services.referral.doors import Door

CASE = "/referral/api/referrals/K7F-3QD"


@pytest.fixture
async def case(store: Store) -> Referral:
    async with as_service(store) as tx:
        return await add_case(tx, allocated_at=datetime.now(UTC) - timedelta(hours=2))


@pytest.fixture
async def singers(store: Store) -> ActivityRow:
    async with as_service(store) as tx:
        row = an_activity()
        await keep_activity(tx, row)
        return row


async def post(client: httpx.AsyncClient, path: str, body: dict[str, Any], key: str = "") -> tuple[int, dict[str, Any]]:
    headers = {"idempotency-key": key} if key else {}
    response = await client.post(CASE + path, json=body, headers=headers)
    return response.status_code, response.json()


async def test_the_way_of_a_case(door: Door, case: Referral, singers: ActivityRow) -> None:
    soon = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    async with door.as_(JO) as visitor:
        client = visitor.client
        day = (await client.get("/referral/api/today")).json()
        assert [each["kind"] for each in [*day["overdue"], *day["today"], *day["later"]]] == ["contact"]
        assert await post(client, "/contact-attempts", {"mode": "phone", "outcome": "reached"}) == (
            201,
            {"reference": "K7F-3QD", "status": "active", "version": 2},
        )
        session = {"happened": "completed", "mode": "face-to-face", "note": "Tea", "next": {"at": soon}}
        assert await post(client, "/sessions", session) == (201, {"number": 1, "state": "completed", "held": 1})
        plan = {"goals": [{"words": "Sing", "actions": [{"what": "Call", "who": "Jo"}]}], "what_matters": "My sister"}
        assert (await post(client, "/plan", plan))[0] == 201
        answers = {"satisfied": 3, "worthwhile": 4, "happy": 0, "anxious": 6}
        status, outcome = await post(client, "/outcomes", {"measure": "ons4", "stage": "baseline", "answers": answers})
        assert (status, outcome["bands"]["anxious"]) == (201, "high")
        status, asked = await post(client, "/prescriptions", {"activity": str(singers.id)})
        assert (status, asked["state"], asked["owes"], asked["meets_rules"]) == (201, "sent", "provider", "yes")
        assert (await post(client, "/signposts", {"activity": singers.reference}))[0] == 201
        assert (await post(client, "/unmet-needs", {"cause": "no_capacity"}))[0] == 201
        listed = (await client.get(f"{CASE}/prescriptions")).json()["prescriptions"]
        assert [each["reference"] for each in listed] == [asked["reference"]]
        waiting = (await client.get("/referral/api/today")).json()["waiting"]
        assert [each["request"] for each in waiting] == [asked["reference"]]
        status, refused = await post(client, "/closure", {"reason": "goals-reached"})
        assert (status, refused["detail"].split(".")[0]) == (409, "1 request is still open")
        back = await post(client, f"/prescriptions/{asked['reference']}/withdrawal", {"reason": "declined_by_person"})
        assert back[1]["state"] == "declined_by_person"
        status, closed = await post(client, "/closure", {"reason": "goals-reached"})
        assert (status, closed["status"]) == (201, "closed")


async def test_sent_twice_with_a_key_is_done_once(door: Door, case: Referral) -> None:
    body = {"happened": "completed", "mode": "phone"}
    async with door.as_(JO) as visitor:
        first = await post(visitor.client, "/sessions", body, "once")
        assert await post(visitor.client, "/sessions", body, "once") == first
        assert (await post(visitor.client, "/sessions", body))[1]["held"] == 2
        status, _ = await post(visitor.client, "/sessions", {**body, "mode": "video"}, "once")
        assert status == 422


async def test_refusals_are_clear_and_change_nothing(door: Door, case: Referral, singers: ActivityRow) -> None:
    async with door.as_(JO) as visitor:
        client = visitor.client
        refused: tuple[tuple[str, dict[str, Any], int, str], ...] = (
            ("/contact-attempts", {"mode": "phone", "outcome": "left-message"}, 422, "not safe"),
            ("/contact-attempts", {"mode": "phone", "outcome": "sang"}, 422, ""),
            ("/sessions", {"happened": "completed", "mode": "letter"}, 422, "held face to face"),
            ("/sessions", {"happened": "completed", "number": 7}, 404, "no session"),
            ("/plan", {"goals": []}, 422, "at least one goal"),
            ("/outcomes", {"stage": "baseline"}, 422, "Say why"),
            ("/prescriptions", {"activity": "B2C-4DF", "person_agreed": False}, 422, "agreed"),
            ("/prescriptions", {"activity": "Y9Y-9YY"}, 404, "cannot find that activity"),
            ("/prescriptions", {"activity": "B2C-4DF", "answer_by": "2020-01-01"}, 422, "after today"),
        )
        for path, body, status, words in refused:
            found, problem = await post(client, path, body)
            assert (found, words in str(problem)) == (status, True), (path, problem)
        assert (await client.get(f"{CASE}/prescriptions")).json() == {"prescriptions": []}


async def test_others_are_refused_before_the_body_is_read(door: Door, case: Referral) -> None:
    for actor, status in ((None, 401), (REFERRER, 403), (AL, 404)):
        async with door.as_(actor) as visitor:
            body = {"mode": "phone", "outcome": "reached"} if actor is AL else {"nonsense": 1}
            assert (await post(visitor.client, "/contact-attempts", body))[0] == status
