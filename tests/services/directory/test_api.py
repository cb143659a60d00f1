"""The directory's door for programs."""

from typing import Any

from shared.runtime.actor import Role
from tests.services.directory.stage import Stage, service

ANSWER = "/directory/api/requests/M8T-2VW/answer"


async def search(stage: Stage, **terms: Any) -> dict[str, Any]:
    async with stage.visit() as anyone:
        answer = await anyone.post("/directory/api/search", json=terms)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_anyone_may_search_and_is_told_why_each_result_stands_there(stage: Stage) -> None:
    place = {"name": "The hall", "latitude": 51.48, "longitude": 0.32}
    await stage.feed(
        service("Good Neighbours", description="Befriending by phone.", locations=[place]), service("Chess")
    )
    found = await search(stage, words="lonely")
    (result,) = found["results"]
    assert (result["name"], result["provider"], found["total"], found["next"]) == (
        "Good Neighbours",
        "Riverside Arts",
        1,
        None,
    )
    assert result["room"]["status"] == "unknown"
    assert result["why"] == ["Room not known", "Cost not known"]


async def test_a_search_sees_a_change_as_soon_as_it_is_committed(stage: Stage) -> None:
    await stage.feed(service())
    assert (await search(stage))["total"] == 1
    await stage.feed(service("Chess"))
    assert (await search(stage))["total"] == 2
    await stage.feed(service("Chess", status="inactive"))
    assert [each["name"] for each in (await search(stage))["results"]] == ["Riverside Singers"]
    reference = (await search(stage))["results"][0]["reference"]
    async with stage.visit(Role.PROVIDER) as provider:
        said = await provider.post(
            f"/directory/api/activities/{reference}/capacity", json={"status": "capacity", "places": 2}
        )
    assert said.json()["room"]["words"] == "Room for 2, said today"
    assert (await search(stage))["results"][0]["why"][0] == "Room for 2, said today"


async def test_a_postcode_that_nobody_knows_is_said_and_is_no_error(stage: Stage) -> None:
    await stage.feed(service())
    found = await search(stage, postcode="ZE1 0AA", within_miles=3)
    assert (found["located"], found["total"]) == (False, 1)
    assert found["results"][0]["distance_miles"] is None


async def test_results_come_a_page_at_a_time(stage: Stage) -> None:
    await stage.feed(*(service(f"Group {number:02}") for number in range(25)))
    first = await search(stage)
    second = await search(stage, cursor=first["next"])
    assert (len(first["results"]), len(second["results"]), second["next"]) == (20, 5, None)
    assert len({each["id"] for each in first["results"] + second["results"]}) == 25


async def test_a_term_that_cannot_be_is_a_problem_that_names_it(stage: Stage) -> None:
    bad: dict[str, object] = {
        "needs": ["lonely"],
        "postcode": "nowhere",
        "within_miles": -1,
        "days": ["Tuesday"],
        "age": 400,
        "free": "perhaps",
        "colour": "blue",
    }
    async with stage.visit() as anyone:
        for field, value in bad.items():
            answer = await anyone.post("/directory/api/search", json={field: value})
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
            assert list(answer.json()["fields"]) == [field]


async def test_a_listing_is_public_and_one_that_is_not_there_is_not_found(stage: Stage) -> None:
    await stage.feed(service(fees="Free"))
    reference = (await search(stage))["results"][0]["reference"]
    async with stage.visit() as anyone:
        shown = (await anyone.get(f"/directory/api/activities/{reference.lower()}")).json()
        assert (await anyone.get("/directory/api/activities/BBB-BBB")).status_code == 404
    assert (shown["name"], shown["reference"], shown["room"]["words"]) == (
        "Riverside Singers",
        reference,
        "Room not known",
    )


async def test_a_provider_reads_and_answers_by_the_requests_own_reference_alone(stage: Stage) -> None:
    asked = await stage.asked()
    async with stage.visit(Role.PROVIDER) as provider:
        (request,) = (await provider.get("/directory/api/requests")).json()["requests"]
        answer = await provider.post(ANSWER, json={"answer": "accept", "first_date": "2999-01-01"})
    assert (request["reference"], request["need"], request["state"]) == ("M8T-2VW", "social-connection", "sent")
    assert (answer.status_code, answer.json()["state"], answer.json()["first_date"]) == (200, "accepted", "2999-01-01")
    for secret in (asked.referral, asked.prescription):
        assert str(secret) not in str(request) + answer.text


async def test_the_same_answer_sent_twice_is_one_answer_and_another_is_refused(stage: Stage) -> None:
    await stage.asked()
    key = {"Idempotency-Key": "once"}
    async with stage.visit(Role.PROVIDER) as provider:
        first = await provider.post(ANSWER, json={"answer": "waitlist"}, headers=key)
        again = await provider.post(ANSWER, json={"answer": "waitlist"}, headers=key)
        other = await provider.post(ANSWER, json={"answer": "accept"}, headers=key)
    assert (first.status_code, again.text, other.status_code) == (200, first.text, 422)
    assert await stage.told("place-events") == ["place-acknowledged", "place-waitlisted"]


async def test_an_answer_that_cannot_stand_changes_nothing(stage: Stage) -> None:
    await stage.asked()
    refused: list[tuple[dict[str, object], int]] = [
        ({"answer": "decline"}, 422),
        ({"answer": "decline", "reason": "dull"}, 422),
        ({"answer": "accept", "first_date": "2001-01-01"}, 422),
        ({"answer": "perhaps"}, 422),
        ({"answer": "accept", "version": 7}, 409),
    ]
    async with stage.visit(Role.PROVIDER) as provider:
        for body, status in refused:
            assert (await provider.post(ANSWER, json=body)).status_code == status, body
    assert await stage.told("place-events") == []


async def test_attendance_follows_acceptance(stage: Stage) -> None:
    await stage.asked()
    path = "/directory/api/requests/M8T-2VW/attendance"
    (sent,) = await stage.rows("SELECT sent_at FROM place_request")
    came = {"on": str(sent["sent_at"].date()), "attended": True}
    async with stage.visit(Role.PROVIDER) as provider:
        assert (await provider.post(path, json=came)).status_code == 409
        await provider.post(ANSWER, json={"answer": "accept"})
        assert (await provider.post(path, json={"on": "2999-01-01", "attended": True})).status_code == 422
        recorded = await provider.post(path, json=came)
    assert (recorded.json()["state"], recorded.json()["attendances"]) == ("started", [came])


async def test_a_caller_without_the_right_is_refused_before_the_body_is_looked_at(stage: Stage) -> None:
    doors = [
        ("GET", "/directory/api/requests", Role.LINK_WORKER),
        ("POST", ANSWER, Role.STEWARD),
        ("POST", "/directory/api/requests/M8T-2VW/attendance", Role.OPERATOR),
        ("POST", "/directory/api/activities/M8T-2VW/capacity", Role.LINK_WORKER),
        ("POST", "/directory/operate/api/activities", Role.STEWARD),
        ("POST", "/directory/operate/api/postcodes", Role.PROVIDER),
        ("POST", "/directory/operate/api/staff", Role.TEAM_LEAD),
    ]
    for method, path, role in doors:
        async with stage.visit(role) as other, stage.visit() as nobody:
            assert (await other.request(method, path, content=b"{")).status_code == 403, path
            assert (await nobody.request(method, path, content=b"{")).status_code == 401, path


async def test_another_organisations_request_is_not_found(stage: Stage) -> None:
    await stage.asked()
    async with stage.visit(Role.PROVIDER, organisations=("elsewhere",)) as other:
        assert (await other.get("/directory/api/requests")).json() == {"requests": []}
        assert (await other.post(ANSWER, json={"answer": "accept"})).status_code == 404


async def test_the_operator_imports_files_and_is_told_the_counts(stage: Stage) -> None:
    postcodes = b'"RM17 6SL",10,561000,178000,"E92000001","E19000001","E18000006","","E06000034","E05002229"\n'
    feed = b'{"contents": [{"id": "a", "name": "Tea", "status": "active"}, {"id": "b", "name": ""}]}'
    people = b"subject,name,role,organisation,email,phone\nkim,Kim,provider,nowhere,,\n"
    async with stage.visit(Role.OPERATOR) as operator:
        one = await operator.post("/directory/operate/api/activities", files={"file": ("a.json", feed)})
        two = await operator.post("/directory/operate/api/postcodes", files=[("files", ("rm.csv", postcodes))])
        three = await operator.post("/directory/operate/api/staff", files={"file": ("s.csv", people)})
        broken = await operator.post("/directory/operate/api/activities", files={"file": ("a.json", b"<html>")})
    counts = [(each.json()["read"], each.json()["added"], each.json()["rejected"]) for each in (one, two, three)]
    assert counts == [(2, 1, 1), (1, 1, 0), (1, 0, 1)]
    assert one.json()["rejects"] == [{"row": 2, "id": "b", "reason": "the service has no name"}]
    assert (broken.status_code, broken.json()["detail"]) == (422, "The feed is not JSON.")
