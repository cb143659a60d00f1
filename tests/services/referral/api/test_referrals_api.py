"""Programs make, read and decide referrals; what they may not is refused before it is read."""

import asyncio
import json
from copy import deepcopy
from typing import Any

from services.referral.actions.intake import SELF_REFERRAL_S
from shared.door.app import LARGEST_BODY
from shared.runtime.actor import Role
from tests.services.referral.doors import Door
from tests.services.referral.network import ASH, COLLEAGUE, NORTH, NORTH_LEAD, REFERRER, SOUTH_LEAD, actor

PATH = "/referral/api/referrals"
BODY: dict[str, Any] = {
    "person": {
        "given_name": "Rosa",
        "family_name": "Okafor",
        "born_on": "1951-03-14",
        "nhs_number": "999 000 0018",
        "postcode": "RM17 6AA",
        "phone": "07700 900 866",
    },
    "reasons": ["loneliness", "debt"],
    "urgency": "urgent",
    "what_matters": "To sing again",
    "contact": {"channels": ["call"], "voicemail_safe": False, "safe_times": "10am to 2pm"},
    "agreement": {"basis": "person"},
}


def body(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(BODY), **changes}


async def test_a_referral_is_made_and_says_who_owes_the_next_move(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        answer = await visitor.client.post(PATH, json=BODY)
        assert answer.status_code == 201
        made = answer.json()
        assert (made["status"], made["owed_by"], made["pcn"]) == ("received", "team lead", NORTH)
        read = await visitor.client.get(f"{PATH}/{made['reference']}")
        assert read.json() == made
        assert "Rosa" not in read.text


async def test_the_same_request_sent_twice_even_at_once_makes_one_referral(door: Door) -> None:
    key = {"idempotency-key": "one-and-the-same"}
    async with door.as_(REFERRER) as visitor:
        sent = (visitor.client.post(PATH, json=BODY, headers=key) for _ in range(3))
        answers = await asyncio.gather(*sent)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["reference"] for answer in answers}) == 1
        other = await visitor.client.post(PATH, json=body(urgency="routine"), headers=key)
        assert other.status_code == 422


async def test_a_second_open_referral_is_a_problem_that_tells_what_may_be_known(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        made = (await visitor.client.post(PATH, json=BODY)).json()
        told = await visitor.client.post(PATH, json=BODY)
    assert (told.status_code, told.headers["content-type"]) == (409, "application/problem+json")
    assert told.json()["type"].endswith("open-referral")
    assert told.json()["reference"] == made["reference"]
    async with door.as_(COLLEAGUE) as visitor:
        told = await visitor.client.post(PATH, json=BODY)
    assert told.json()["ask"] == "North PCN"
    assert "reference" not in told.json()
    assert made["reference"] not in told.text


async def test_what_is_wrong_is_said_by_field_and_changes_nothing(door: Door) -> None:
    wrong = body(reasons=["other"], agreement={"basis": "best-interests"})
    wrong["person"]["nhs_number"] = "9990000019"
    async with door.as_(REFERRER) as visitor:
        answer = await visitor.client.post(PATH, json=wrong)
        assert answer.status_code == 422
        assert set(answer.json()["fields"]) == {"nhs_number", "other_reason", "agreement_reason"}
        unknown = await visitor.client.post(PATH, json=body(contact={"channels": ["call"], "safe_time": "never"}))
        assert unknown.status_code == 422
        assert "contact.safe_time" in unknown.json()["fields"]
        assert "Okafor" not in unknown.text
    async with door.as_(NORTH_LEAD) as visitor:
        assert (await visitor.client.get("/referral/api/queue")).json()["total"] == 0


async def test_what_is_no_json_of_the_right_kind_is_refused(door: Door) -> None:
    words, kind = json.dumps(BODY), {"content-type": "application/json"}
    async with door.as_(REFERRER) as visitor:
        plain = await visitor.client.post(PATH, content=words, headers={"content-type": "text/plain"})
        assert (plain.status_code, list(plain.json()["fields"])) == (422, ["body"])
        broken = await visitor.client.post(PATH, content=words[:-9], headers=kind)
        assert (broken.status_code, list(broken.json()["fields"])) == (422, ["body"])
        assert "Okafor" not in broken.text
        large = await visitor.client.post(PATH, content=words + " " * LARGEST_BODY, headers=kind)
        assert large.status_code == 413
        with_charset = {"content-type": "application/json; charset=utf-8"}
        assert (await visitor.client.post(PATH, content=words, headers=with_charset)).status_code == 201


async def test_where_referrals_are_made_another_method_is_refused_and_what_is_made_counts_under_its_route(
    door: Door,
) -> None:
    async with door.as_(REFERRER) as visitor:
        refused = await visitor.client.put(PATH, json=BODY)
        assert (refused.status_code, refused.headers["content-type"]) == (405, "application/problem+json")
        made = await visitor.client.post(PATH, json=BODY)
        assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
        figures = (await visitor.client.get("/referral/metrics")).text
        assert f'kith_http_requests_total{{method="POST",route="{PATH}",status="201"}}' in figures


async def test_a_referral_needs_an_agreement(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        refused = await visitor.client.post(PATH, json=body(agreement=None))
        assert set(refused.json()["fields"]) == {"agreement"}


async def test_a_self_referral_has_one_answer_for_everybody(door: Door) -> None:
    own = {name: value for name, value in BODY.items() if name not in ("agreement", "urgency")}
    async with door.as_() as visitor:
        new = await visitor.client.post("/referral/api/self-referrals", json=own)
        known = await visitor.client.post("/referral/api/self-referrals", json=own)
    assert (new.status_code, new.content) == (202, known.content)
    assert known.status_code == 202
    assert set(new.headers) == set(known.headers)
    assert all(answer.elapsed.total_seconds() >= SELF_REFERRAL_S - 0.01 for answer in (new, known))
    async with door.as_(SOUTH_LEAD) as visitor:
        queue = (await visitor.client.get("/referral/api/queue")).json()
    assert [row["name"] for row in queue["rows"]] == ["Rosa Okafor"]


async def test_the_queue_is_decided_by_name_or_by_least_load(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        made = (await visitor.client.post(PATH, json=BODY)).json()
    async with door.as_(NORTH_LEAD) as visitor:
        row = (await visitor.client.get("/referral/api/queue")).json()["rows"][0]
        assert (row["referral"]["reference"], row["practice_name"]) == (made["reference"], "Elm Surgery")
        path = f"{PATH}/{made['reference']}/allocation"
        assert (await visitor.client.post(path, json={})).status_code == 422
        assert (await visitor.client.post(path, json={"link_worker": "sam"})).status_code == 422
        stale = await visitor.client.post(path, json={"link_worker": "jo", "version": 7})
        assert (stale.status_code, stale.json()["type"]) == (409, "urn:kith:problem:stale-version")
        taken = await visitor.client.post(path, json={"least_loaded": True, "version": made["version"]})
        assert (taken.json()["status"], taken.json()["link_worker"]) == ("allocated", "Al")
        again = await visitor.client.post(f"{PATH}/{made['reference']}/decline", json={"reason": "other"})
        assert again.status_code == 409


async def test_declining_tells_the_referrer(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        made = (await visitor.client.post(PATH, json=BODY)).json()
    async with door.as_(NORTH_LEAD) as visitor:
        path = f"{PATH}/{made['reference']}/decline"
        assert (await visitor.client.post(path, json={"reason": "out-of-area"})).json()["status"] == "declined"
    async with door.as_(REFERRER) as visitor:
        assert (await visitor.client.get(f"{PATH}/{made['reference']}")).json()["owed_by"] is None


async def test_nobody_else_comes_through_these_doors(door: Door) -> None:
    link_worker = actor("jo", Role.LINK_WORKER, NORTH)
    async with door.as_() as visitor:
        assert (await visitor.client.post(PATH, content=b"not even JSON")).status_code == 401
    async with door.as_(link_worker) as visitor:
        assert (await visitor.client.post(PATH, content=b"not even JSON")).status_code == 403
        assert (await visitor.client.get("/referral/api/queue")).status_code == 403
        assert (await visitor.client.post(f"{PATH}/K7F-3QD/allocation", json={})).status_code == 403
    async with door.as_(actor("ana", Role.ANALYST, NORTH)) as visitor:
        assert (await visitor.client.get(f"{PATH}/K7F-3QD")).status_code == 403
    async with door.as_(actor("rita", Role.REFERRER, ASH)) as visitor:
        assert (await visitor.client.get(f"{PATH}/K7F-3QD")).status_code == 404
