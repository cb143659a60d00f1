"""Health, figures and the operator's page: what is wrong is said, and nobody's data is in it."""

from dataclasses import replace

import httpx
from structlog.testing import capture_logs

from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from tests.shared.door.fixture_app import STATUS, Provider, StillBackbone, log_in
from tests.shared.door.test_forms import fields_of

OPERATE = "/testing/operate"


async def test_a_service_that_runs_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/testing/health/live")).json() == {"live": True}
    answer = await client.get("/testing/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "troubles": []}


async def test_a_service_that_cannot_send_is_not_ready_and_says_why(
    client: httpx.AsyncClient, backbone: StillBackbone
) -> None:
    backbone.standing = replace(STATUS, relay_turned_s=60.0)
    answer = await client.get("/testing/health/ready")
    assert answer.status_code == 503
    assert answer.json()["troubles"] == ["the relay does not turn"]


async def test_a_service_without_its_store_is_alive_but_not_ready(
    client: httpx.AsyncClient, backbone: StillBackbone
) -> None:
    backbone.standing = ConnectionRefusedError()
    assert (await client.get("/testing/health/live")).status_code == 200
    answer = await client.get("/testing/health/ready")
    assert (answer.status_code, answer.json()["troubles"]) == (503, ["the store does not answer"])
    assert "kith_store_up 0.0" in (await client.get("/testing/metrics")).text


async def test_figures_count_requests_by_route_and_never_by_address(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await client.post(f"{OPERATE}/api/parked/7/redrive", headers=provider.bearer(Role.OPERATOR))
    await client.get("/testing/nothing/ana-example")
    await client.request("ANA-EXAMPLE", "/testing/nothing")
    text = (await client.get("/testing/metrics")).text
    assert 'route="/testing/operate/api/parked/{id_}/redrive",status="204"} 1.0' in text
    assert 'route="none",status="404"} 1.0' in text
    assert "ana-example" not in text.lower()


async def test_each_answer_is_logged_by_its_route_and_what_machines_ask_is_not(client: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        await client.get("/testing/api/nothing?nhs=9990000018")
        await client.get("/testing/openapi.json")
        for path in ("health/live", "metrics"):
            await client.get(f"/testing/{path}")
    said = [(line["event"], line["method"], line["route"], line["status"]) for line in logs]
    assert said == [("answered", "GET", "none", 404), ("answered", "GET", "/testing/openapi.json", 200)]


async def test_figures_say_how_events_flow(client: httpx.AsyncClient) -> None:
    text = (await client.get("/testing/metrics")).text
    for line in (
        "kith_events_sent_total 12.0",
        'kith_events_heard_total{outcome="handled",stream="place-events"} 4.0',
        'kith_consumer_lag{stream="place-events"} 1.0',
        "kith_outbox_age_seconds 0.0",
        "kith_parked 1.0",
    ):
        assert line in text


async def test_only_an_operator_sees_the_operators_page(
    client: httpx.AsyncClient, told: Settings, provider: Provider
) -> None:
    assert (await client.get(f"{OPERATE}/api/status")).status_code == 401
    assert (await client.get(f"{OPERATE}/api/status", headers=provider.bearer(Role.TEAM_LEAD))).status_code == 403
    page = await client.get(OPERATE, headers={"cookie": log_in(told, provider, Role.OPERATOR)})
    assert page.status_code == 200
    assert "UnknownActivity" in page.text


async def test_an_operator_reads_the_standing_and_what_is_put_aside(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    operator = provider.bearer(Role.OPERATOR)
    status = (await client.get(f"{OPERATE}/api/status", headers=operator)).json()
    assert (status["ready"], status["parked"], status["streams"][0]["stream"]) == (True, 1, "place-events")
    parked = (await client.get(f"{OPERATE}/api/parked", headers=operator)).json()
    assert [(event["id"], event["state"]) for event in parked] == [(7, "parked")]


async def test_a_program_tries_again_or_discards_with_a_reason(
    client: httpx.AsyncClient, provider: Provider, backbone: StillBackbone
) -> None:
    operator, parked = provider.bearer(Role.OPERATOR), f"{OPERATE}/api/parked"
    assert (await client.post(f"{parked}/7/redrive", headers=operator)).status_code == 204
    assert (await client.post(f"{parked}/8/redrive", headers=operator)).status_code == 404
    assert (await client.post(f"{parked}/7/discard", json={}, headers=operator)).status_code == 422
    discarded = await client.post(f"{parked}/7/discard", json={"reason": "A test event"}, headers=operator)
    assert discarded.status_code == 204
    assert (backbone.redriven, backbone.discarded) == ([7], [(7, "A test event", "jo")])


async def test_a_person_tries_again_or_discards_with_a_reason(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    cookie, redrive, discard = (
        log_in(told, provider, Role.OPERATOR),
        f"{OPERATE}/parked/7/redrive",
        f"{OPERATE}/parked/7/discard",
    )
    page = (await client.get(OPERATE, headers={"cookie": cookie})).text
    sent = await client.post(redrive, data=fields_of(page, redrive), headers={"cookie": cookie})
    assert sent.status_code == 303
    without = await client.post(discard, data=fields_of(page, discard), headers={"cookie": cookie})
    assert without.status_code == 422
    assert "Enter why it is never to be acted on" in without.text
    said = {**fields_of(page, discard), "reason": "A test event"}
    assert (await client.post(discard, data=said, headers={"cookie": cookie})).status_code == 303
    assert (backbone.redriven, backbone.discarded) == ([7], [(7, "A test event", "jo")])


async def test_with_nothing_put_aside_the_page_says_so(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    backbone.aside = []
    cookie = {"cookie": log_in(told, provider, Role.OPERATOR)}
    assert "Nothing is put aside" in (await client.get(OPERATE, headers=cookie)).text
    backbone.standing = ConnectionRefusedError()
    away = await client.get(OPERATE, headers=cookie)
    assert "The store does not answer" in away.text
