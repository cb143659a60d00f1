"""How Kith says no: problem details for programs, a page for people, and nobody's data in either."""

import httpx
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from tests.shared.door.fixture_app import Provider, log_in

WORDS = "/testing/api/words"


async def said(client: httpx.AsyncClient, provider: Provider, body: object) -> httpx.Response:
    return await client.post(WORDS, json=body, headers=provider.bearer(Role.REFERRER))


async def test_a_named_error_of_the_domain_answers_with_its_status_and_words(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    answer = await said(client, provider, {"word": "full"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "There is a problem",
        "status": 422,
        "detail": "There is no room for another word.",
    }


async def test_a_kind_of_problem_has_a_name_and_members_of_its_own(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    answer = await said(client, provider, {"word": "known"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:kith:problem:known-word"
    assert answer.json()["reference"] == "K7F-3QD"


async def test_a_wrong_field_is_named_and_what_was_sent_is_not_repeated(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    answer = await said(client, provider, {"word": {"name": "Ana Example"}})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["word"]
    assert "Ana" not in answer.text


async def test_a_store_that_is_away_is_said_plainly(client: httpx.AsyncClient, provider: Provider) -> None:
    answer = await said(client, provider, {"word": "away"})
    assert answer.status_code == 503


async def test_when_too_much_waits_to_be_sent_a_program_is_told_when_to_come_again(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    answer = await said(client, provider, {"word": "too much"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:kith:problem:backlogged"
    assert answer.json()["detail"].startswith("It was not saved")


async def test_when_too_much_waits_to_be_sent_a_person_is_told_and_what_was_typed_is_kept(
    client: httpx.AsyncClient, told: Settings, provider: Provider
) -> None:
    cookie = {"cookie": log_in(told, provider, Role.LINK_WORKER)}
    page = await client.get("/testing/greeting", headers=cookie)
    token = page.text.split('name="_token" value="')[2].split('"')[0]
    answer = await client.post("/testing/greeting", data={"_token": token, "word": "too much"}, headers=cookie)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "<h1>Sorry, Kith cannot save anything at the moment</h1>" in answer.text
    assert "too much" in answer.text.split("What you typed")[1]


async def test_an_unforeseen_error_tells_nobody_anything(client: httpx.AsyncClient, provider: Provider) -> None:
    with capture_logs() as logs:
        answer = await said(client, provider, {"word": "broken"})
    assert answer.status_code == 500
    assert [(line["event"], line.get("error")) for line in logs] == [
        ("request_failed", "RuntimeError"),
        ("answered", None),
    ]
    assert answer.json()["title"] == "Something went wrong in Kith"
    assert "Ana" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-correlation-id"]


async def test_an_unforeseen_error_is_found_in_the_log_by_the_number_that_was_given(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        answer = await said(client, provider, {"word": "broken"})
    assert {line["correlation"] for line in logs} == {answer.headers["x-correlation-id"]}


async def test_an_address_of_the_api_that_does_not_exist_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/testing/api/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_page_that_does_not_exist_is_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/testing/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>Page not found</h1>" in answer.text


async def test_a_stale_form_gives_back_what_was_typed(
    client: httpx.AsyncClient, told: Settings, provider: Provider
) -> None:
    cookie = {"cookie": log_in(told, provider, Role.LINK_WORKER)}
    page = await client.get("/testing/greeting", headers=cookie)
    token = page.text.split('name="_token" value="')[2].split('"')[0]
    answer = await client.post("/testing/greeting", data={"_token": token, "word": "stale"}, headers=cookie)
    assert answer.status_code == 409
    assert "Someone else changed this first" in answer.text
    assert "What you typed" in answer.text
    assert "stale" in answer.text
