"""Health, figures and the operator's page: what is wrong is said, and nobody's data is in it."""

import json
from dataclasses import replace

import httpx
from structlog.testing import capture_logs

from shared.events.place import PlaceAccepted
from shared.events.snapshots import example
from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from tests.shared.door.fixture_app import PARKED, STATUS, Provider, StillBackbone, log_in
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


async def test_a_person_looks_tries_again_or_discards_with_a_reason(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    cookie = {"cookie": log_in(told, provider, Role.OPERATOR)}
    one, redrive, discard = (f"{OPERATE}/parked/7{way}" for way in ("", "/redrive", "/discard"))
    listed = (await client.get(OPERATE, headers=cookie)).text
    assert f'href="{one}"' in listed
    assert (await client.post(redrive, data=fields_of(listed, redrive), headers=cookie)).status_code == 303
    page = (await client.get(one, headers=cookie)).text
    without = await client.post(discard, data=fields_of(page, discard), headers=cookie)
    assert without.status_code == 422
    assert "Enter why it is never to be acted on" in without.text
    said = {**fields_of(page, discard), "reason": "A test event"}
    assert (await client.post(discard, data=said, headers=cookie)).status_code == 303
    assert (backbone.redriven, backbone.discarded) == ([7], [(7, "A test event", "jo")])


async def test_one_event_is_shown_with_where_it_breaks_its_contract_and_without_what_breaks_it(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    event = json.loads(example(PlaceAccepted))
    event["data"]["first_date"] = "Ana Example"
    backbone.content = json.dumps(event).encode()
    page = (await client.get(f"{OPERATE}/parked/7", headers={"cookie": log_in(told, provider, Role.OPERATOR)})).text
    api = await client.get(f"{OPERATE}/api/parked/7", headers=provider.bearer(Role.OPERATOR))
    for text in (page, api.text):
        assert "data.first_date: Input should be a valid date" in text
        assert event["data"]["activity_id"] in text
        assert event["correlationid"] in text
        assert "Ana Example" not in text
    assert (api.json()["event"]["state"], api.json()["shown"]["words"]) == ("parked", "")


async def test_an_event_that_was_dealt_with_meanwhile_leads_back_to_the_list(
    client: httpx.AsyncClient, told: Settings, provider: Provider
) -> None:
    gone = await client.get(f"{OPERATE}/parked/8", headers={"cookie": log_in(told, provider, Role.OPERATOR)})
    assert (gone.status_code, gone.headers["location"]) == (303, OPERATE)
    asked = await client.get(f"{OPERATE}/api/parked/8", headers=provider.bearer(Role.OPERATOR))
    assert (asked.status_code, asked.json()["detail"]) == (404, "It is not put aside any more.")


async def test_what_is_wrong_stands_first_with_the_command_that_mends_it(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    stream = replace(STATUS.streams[0], stopped=True)
    backbone.standing = replace(STATUS, relay_turned_s=60.0, outbox_age_s=40.0, outbox_depth=3, streams=[stream])
    said = (await client.get(f"{OPERATE}/api/status", headers=provider.bearer(Role.OPERATOR))).json()
    what = [each["what"] for each in said["to_mend"]]
    assert what == [
        "The relay has not turned for 60 seconds",
        "3 events wait to be sent, the oldest for 40 seconds",
        "place-events is stopped: too much failed in a row",
        "1 event is parked",
    ]
    assert all(each["command"].startswith("kith ") and each["do"].endswith((".", ":")) for each in said["to_mend"])
    page = (await client.get(OPERATE, headers={"cookie": log_in(told, provider, Role.OPERATOR)})).text
    assert "Testing: 4 things to mend" in page
    assert page.index(what[0]) < page.index(what[3]) < page.index("<h2>Streams</h2>")


async def test_of_a_broker_that_is_away_one_thing_is_said_and_of_one_stream_that_it_is_away(
    client: httpx.AsyncClient, provider: Provider, backbone: StillBackbone
) -> None:
    here, away = STATUS.streams[0], replace(STATUS.streams[0], stream="network-events", end=None, lag=None)
    for streams, what in (
        ([away, replace(here, end=None, lag=None)], "Kafka does not answer"),
        ([away, here], "network-events cannot be reached"),
    ):
        backbone.standing = replace(STATUS, streams=streams, parked=0)
        said = (await client.get(f"{OPERATE}/api/status", headers=provider.bearer(Role.OPERATOR))).json()
        assert [each["what"] for each in said["to_mend"]] == [what]


async def test_a_window_is_planned_sent_again_and_shown_while_it_goes(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    operator, path = provider.bearer(Role.OPERATOR), f"{OPERATE}/api/republish"
    window = {"since": "2026-11-20T14:00:00Z", "key": "k"}
    plan = await client.post(path, json=window | {"dry_run": True}, headers=operator)
    assert (plan.status_code, plan.json()["total"], backbone.jobs) == (200, 40, [])
    job = (await client.post(path, json=window, headers=operator)).json()
    assert (job["key"], job["sent"], job["total"], job["asked_by"]) == ("k", 12, 40, "jo")
    assert (await client.get(path, headers=operator)).json() == [job]
    page = (await client.get(OPERATE, headers={"cookie": log_in(told, provider, Role.OPERATOR)})).text
    assert "12 of 40" in page


async def test_a_window_that_cannot_be_is_refused(client: httpx.AsyncClient, provider: Provider) -> None:
    for wrong in ({"since": "2026-11-20T14:00:00"}, {"stream": "place-events"}):
        answer = await client.post(f"{OPERATE}/api/republish", json=wrong, headers=provider.bearer(Role.OPERATOR))
        assert (answer.status_code, list(answer.json()["fields"])) == (422, list(wrong))


async def test_lost_ground_is_said_with_the_command_that_goes_on_past_it(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    command = "kith stream restart testing place-events --from beginning"
    stream = replace(
        STATUS.streams[0], lost_ground=f"partition 3 is to be read from 9, and the broker has 0 to 4: {command}"
    )
    backbone.standing, backbone.aside = replace(STATUS, streams=[stream], parked=0), []
    status = (await client.get(f"{OPERATE}/api/status", headers=provider.bearer(Role.OPERATOR))).json()
    (mend,) = status["to_mend"]
    assert mend["what"] == "place-events has lost ground: partition 3 is to be read from 9, and the broker has 0 to 4"
    assert (mend["command"], status["ready"], status["streams"][0]["state"]) == (command, False, "stopped")
    assert 'kith_consumer_lost{stream="place-events"} 1.0' in (await client.get("/testing/metrics")).text
    assert command in (await client.get(OPERATE, headers={"cookie": log_in(told, provider, Role.OPERATOR)})).text


async def test_a_stream_is_read_from_elsewhere(
    client: httpx.AsyncClient, provider: Provider, backbone: StillBackbone
) -> None:
    operator, streams = provider.bearer(Role.OPERATOR), f"{OPERATE}/api/streams"
    wrong = await client.post(f"{streams}/place-events/restart", json={"where": "middle"}, headers=operator)
    unknown = await client.post(f"{streams}/sung-events/restart", json={"where": "end"}, headers=operator)
    assert (wrong.status_code, unknown.status_code) == (422, 404)
    assert unknown.json()["detail"] == "This service does not hear sung-events."
    done = await client.post(f"{streams}/place-events/restart", json={"where": "beginning"}, headers=operator)
    assert (done.status_code, backbone.done) == (204, [("place-events", "beginning", "jo")])


async def test_a_projection_is_made_anew_and_shown_while_it_is(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    operator, projections = provider.bearer(Role.OPERATOR), f"{OPERATE}/api/projections"
    (known,) = (await client.get(projections, headers=operator)).json()
    assert known == {"name": "counts", "done": 250, "total": 1000, "running": True}
    assert (await client.post(f"{projections}/none/rebuild", json={}, headers=operator)).status_code == 404
    short = await client.post(f"{projections}/counts/rebuild", json={}, headers=operator)
    assert (short.status_code, short.json()["type"]) == (409, "urn:kith:problem:not-whole")
    part = await client.post(f"{projections}/counts/rebuild", json={"partial": True}, headers=operator)
    assert (part.status_code, backbone.done) == (202, [("counts", "rebuild", "jo")])
    page = (await client.get(OPERATE, headers={"cookie": log_in(told, provider, Role.OPERATOR)})).text
    assert "counts: 250 of 1,000 (25%)" in page
    assert 'kith_rebuild_left{projection="counts"} 750.0' in (await client.get("/testing/metrics")).text


async def test_what_is_put_aside_is_tried_again_by_number_key_or_time(
    client: httpx.AsyncClient, provider: Provider, backbone: StillBackbone
) -> None:
    operator, path = provider.bearer(Role.OPERATOR), f"{OPERATE}/api/replay"
    chosen = {"ids": [7], "key": "key", "since": "2026-11-20T14:00:00Z", "dry_run": True}
    (outcome,) = (await client.post(path, json=chosen, headers=operator)).json()
    assert (outcome["id"], outcome["result"], outcome["error"]) == (7, "failed", "UnknownActivity")
    (asked,) = backbone.replayed
    assert (asked["ids"], asked["key"], asked["dry_run"], asked["by"]) == ([7], "key", True, "jo")
    assert (await client.post(path, json={"since": "2026-11-20T14:00:00"}, headers=operator)).status_code == 422


async def test_what_needs_the_broker_says_when_it_is_away(
    client: httpx.AsyncClient, provider: Provider, backbone: StillBackbone
) -> None:
    backbone.broker_away = True
    for path, body in (("streams/place-events/restart", {"where": "end"}), ("projections/counts/rebuild", {})):
        answer = await client.post(f"{OPERATE}/api/{path}", json=body, headers=provider.bearer(Role.OPERATOR))
        assert (answer.status_code, answer.json()["detail"]) == (503, "Kafka does not answer.")


async def test_what_came_too_early_is_shown_with_what_it_waits_for(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    backbone.aside = [replace(PARKED, sequence=3, subject="s", error_class="", attempts=0)]
    backbone.standing = replace(STATUS, parked=0, early=1)
    cookie = {"cookie": log_in(told, provider, Role.OPERATOR)}
    page = (await client.get(OPERATE, headers=cookie)).text
    assert "1 event came too early: something said before has not come" in page
    assert "It is number 3 of what was said about its subject." in page
    one = (await client.get(f"{OPERATE}/parked/7", headers=cookie)).text
    assert "kith stream republish --stream place-events --key key" in one
    assert "kith_early 1.0" in (await client.get("/testing/metrics")).text


async def test_of_a_flood_the_page_shows_as_much_as_a_person_looks_through(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    early = replace(PARKED, sequence=3, subject="s", error_class="", attempts=0)
    backbone.aside = [PARKED, *(replace(early, id=8 + number) for number in range(400))]
    backbone.standing = replace(STATUS, early=2695)
    page = (await client.get(OPERATE, headers={"cookie": log_in(told, provider, Role.OPERATOR)})).text
    assert "The first 20 of 2,695:" in page
    assert page.count("Do not wait any longer</") + page.count("Do not wait any longer\n") == 20
    assert page.index("UnknownActivity") < page.index("Came too early")


async def test_with_nothing_put_aside_the_page_says_so(
    client: httpx.AsyncClient, told: Settings, provider: Provider, backbone: StillBackbone
) -> None:
    backbone.aside = []
    cookie = {"cookie": log_in(told, provider, Role.OPERATOR)}
    assert "Nothing is put aside" in (await client.get(OPERATE, headers=cookie)).text
    backbone.standing = ConnectionRefusedError()
    away = await client.get(OPERATE, headers=cookie)
    assert "The store does not answer" in away.text
