"""What calls an operator and what they look at names figures that the services have, and says what to do."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from deploy.cli.main import app as kith
from deploy.databases import SERVICES
from tests.needs import need
from tests.shared.door.fixture_app import Provider, make_app, settings

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "monitoring"
IMAGE = "prom/prometheus:v3.7.3"
ALERTS = (FOLDER / "alerts.yml").read_text()
RULES = re.split(r"\n      - alert: ", ALERTS)[1:]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
EXPRESSIONS = [
    *(re.sub(r"\s+", " ", rule.partition("expr:")[2].partition("labels:")[0]) for rule in RULES),
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())),
]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all that a service counts."""
    folder = tmp_path_factory.mktemp("figures")

    async def asked() -> str:
        transport = httpx.ASGITransport(make_app(settings(folder, Provider(folder))))
        async with httpx.AsyncClient(transport=transport, base_url="http://kith.test") as client:
            await client.get("/testing/health/live")
            return (await client.get("/testing/metrics")).text

    return set(re.findall(r"^(\w+)", asyncio.run(asked()), re.MULTILINE))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_figure_that_is_asked_for_is_there(expression: str, figures: set[str]) -> None:
    named = set(re.findall(r"\bkith_\w+", expression))
    assert named <= figures
    assert named or expression.startswith(" up ==")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule).partition("\n")[0])
def test_an_alert_says_in_one_sentence_what_to_do_and_with_which_command(rule: str) -> None:
    (what,) = re.findall(r'summary: "(.+)"', rule)
    (do,) = re.findall(r'do: "(.+)"', rule)
    assert what.endswith(".")
    assert do.endswith(".")
    commands = re.findall(r"`kith ([a-z]+)(?: ([a-z]+))?", do)
    groups = {
        group.name: {c.name or c.callback.__name__ for c in group.typer_instance.registered_commands if c.callback}
        for group in kith.registered_groups
        if group.typer_instance
    }
    assert commands
    for group, command in commands:
        assert group == "status" or command in groups[group]


def test_prometheus_finds_every_service_and_can_read_its_rules() -> None:
    told = (FOLDER / "prometheus.yml").read_text()
    assert [
        name for name in SERVICES if f"metrics_path: /{name}/metrics" in told and f"names: [{name}]" in told
    ] == list(SERVICES)
    need(_has_image(), f"no Docker engine with {IMAGE}")
    check = ["docker", "run", "--rm", "-v", f"{FOLDER}:/etc/prometheus:ro", "--entrypoint", "promtool", IMAGE]
    done = subprocess.run([*check, "check", "config", "/etc/prometheus/prometheus.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _has_image() -> bool:
    return (
        bool(shutil.which("docker"))
        and not subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode
    )
