"""The journey through containers: four services with a store each, behind the gateway, run by the compose file."""

import json
import shutil
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.needs import need
from tests.system.compose import Compose, composed
from tests.system.journey import WORK, Journey, Network
from tests.waiting import eventually

pytestmark = pytest.mark.compose
SERVICES = ("referral", "directory", "notifications", "reporting")


def _has_compose() -> bool:
    if not shutil.which("docker"):
        return False
    return all(
        subprocess.run(["docker", *words], capture_output=True).returncode == 0
        for words in (["info"], ["compose", "version"])
    )


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    need(_has_compose(), "no Docker engine with compose")
    with composed(tmp_path_factory.mktemp("compose")) as started:
        yield started


@pytest.fixture(scope="module")
def network(compose: Compose) -> Network:
    made = compose.network()
    made.import_carried()
    return made


def test_the_journey_passes_through_four_containers(network: Network) -> None:
    journey = Journey(network)
    journey.refer()
    journey.allocate()
    for step in WORK:
        journey.work(step)
    journey.search()
    journey.prescribe()
    journey.answer({"answer": "accept"})
    journey.attend()
    eventually(lambda: journey.state() == "started", "the link worker sees that the person came")
    stages = ("referred", "reached", "session", "prescribed", "accepted", "attended")
    eventually(lambda: journey.funnel() == dict.fromkeys(stages, 1), "the report counts it at every stage")
    eventually(lambda: len([m for m in journey.messages() if m["state"] == "sent"]) == 10, "ten messages were sent")


def test_a_killed_service_comes_back_and_goes_on(compose: Compose, network: Network) -> None:
    compose.run("kill", "--signal", "SIGKILL", "directory", "referral")
    compose.run("up", "--detach", "--wait", "--wait-timeout", "120", "directory", "referral", "gateway")
    journey = Journey(network)
    journey.refer()
    journey.allocate()
    journey.search()
    journey.prescribe()
    journey.answer({"answer": "waitlist"})
    eventually(lambda: journey.state() == "waitlisted", "the answer reaches the link worker")


def test_each_image_holds_one_service_and_runs_as_nobody_in_particular(compose: Compose) -> None:
    for service in SERVICES:
        seen = compose.run("exec", "-T", service, "sh", "-c", "ls -d services/*/; id -u; touch /kith/x 2>&1 || true")
        assert f"services/{service}/" in seen
        assert not [other for other in SERVICES if other != service and f"services/{other}/" in seen]
        assert "10001" in seen
        assert "Read-only file system" in seen


def test_a_service_holds_only_its_own_secrets(compose: Compose) -> None:
    for service in SERVICES:
        names = set(compose.run("exec", "-T", service, "ls", "/run/secrets").split())
        assert ("kith_contact_private_key" in names) == (service == "notifications")
        assert ("kith_person_key" in names) == (service == "referral")
        assert not {"signing_key.json", "postgres_password"} & names


def test_the_gateway_serves_pages_and_keeps_figures_inside(compose: Compose) -> None:
    assert httpx.get(f"{compose.url}/", follow_redirects=True).is_success
    assert httpx.get(f"{compose.url}/directory/search").is_success
    assert httpx.get(f"{compose.url}/referral/metrics").status_code == 404
    assert httpx.get(f"{compose.url}/sign-in").status_code == 404


def test_prometheus_asks_every_service_and_knows_when_to_call_somebody(compose: Compose) -> None:
    def ready() -> dict[str, str]:
        asked = httpx.get(f"{compose.prometheus}/api/v1/query", params={"query": "kith_ready == 1"}, timeout=20).json()
        return {found["metric"]["job"]: found["value"][1] for found in asked["data"]["result"]}

    eventually(lambda: set(ready()) == set(SERVICES), "Prometheus has heard of all four that they are ready")
    (group,) = httpx.get(f"{compose.prometheus}/api/v1/rules", timeout=20).json()["data"]["groups"]
    assert {rule["health"] for rule in group["rules"]} <= {"ok", "unknown"}
    assert len(group["rules"]) > 10


def test_logs_are_json_without_personal_data(compose: Compose, network: Network) -> None:
    journey = Journey(network)
    journey.refer()
    person = journey.body["person"]
    logs = compose.run("logs", "--no-log-prefix", *SERVICES)
    for line in logs.splitlines():
        json.loads(line)
    for hidden in (person["family_name"], person["nhs_number"], person["email"], person["phone"]):
        assert hidden not in logs


@pytest.fixture
def doubled(compose: Compose) -> Iterator[Compose]:
    """Two replicas each of a service that sends and of one that only hears; one again afterwards."""
    services = "referral", "reporting"

    def scale(to: int) -> None:
        counts = [word for service in services for word in ("--scale", f"{service}={to}")]
        compose.run("up", "--detach", "--wait", "--wait-timeout", "120", "--no-deps", *counts, *services)

    scale(2)
    yield compose
    scale(1)


def test_two_replicas_share_the_work_behind_the_gateway_and_either_may_die(doubled: Compose, network: Network) -> None:
    numbers = 1, 2
    before, journey = [doubled.standing("referral", number) for number in numbers], Journey(network)
    journey.refer()
    journey.allocate()
    journey.search()
    journey.prescribe()
    assert [state["relay_active"] for state in before].count(True) == 1
    leader = next(number for number, state in zip(numbers, before, strict=True) if state["relay_active"])
    doubled.kill("referral", leader)
    journey.answer({"answer": "accept"})
    journey.attend()
    eventually(lambda: journey.state() == "started", "the other takes in what the killed one would have heard")
    assert doubled.standing("referral", 3 - leader)["relay_active"]
    heard = [doubled.standing("reporting", number)["streams"] for number in numbers]
    assert all(stream["lag"] == 0 for streams in heard for stream in streams)
