"""Every part of a page drawn, with the traps of the components in mind; the policy that holds on all of them."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jinja2 import UndefinedError
from pydantic import SecretStr

from shared.door.app import Service
from shared.door.assets import Assets
from shared.door.charts import Series, line_chart
from shared.door.forms import Typed
from shared.door.headers import INLINE_HASH, POLICY
from shared.door.menu import MenuItem
from shared.door.pages import Pages
from shared.door.problems import Conflict, Forbidden, Invalid, NotFound, Problem, Unauthorised
from shared.door.sealer import Sealer
from shared.door.states import STATES, UnknownState, state
from shared.door.visit import Visit
from shared.runtime.actor import Actor, Role
from tests.shared.door.fixture_app import TEMPLATES

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SERVICE = Service(
    name="referral",
    title="Referral",
    routers=[],
    templates=TEMPLATES,
    menu=[
        MenuItem("Today", "/referral/today", frozenset({Role.LINK_WORKER})),
        MenuItem("Workload", "/referral/workload", frozenset({Role.TEAM_LEAD})),
    ],
)
JO = Visit(Actor("jo", frozenset({Role.LINK_WORKER}), name="Jo Example"), "session", "correlation")
OURS = Path("shared/door/templates/kith")
COLOURS = {"white", "grey", "green", "aqua-green", "blue", "purple", "pink", "red", "orange", "yellow"}


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(SERVICE, Assets("referral", Path("nowhere")), Sealer(SecretStr("k" * 32)))


def every_part() -> dict[str, Any]:
    chart = line_chart("reached", "Nine in ten were reached", "From 80 to 90 people a month", ["June", "July"], LINES)
    known = [(thing, key) for thing, entries in STATES.items() for key in entries]
    safety = ["Do not leave a message.", "Call 10am to 2pm."]
    return {"states": known, "chart": chart, "moment_of": NOW - timedelta(days=15), "safety": safety}


LINES = [Series("Reached", [80, 90]), Series("Helped", [20, 38])]


def drawn(pages: Pages, template: str, visit: Visit = JO, **model: object) -> str:
    return pages.render(template, visit, path="/referral/today", now=NOW, **model)


PROBLEMS = [
    Unauthorised(),
    Forbidden(),
    NotFound(),
    Conflict("It was changed."),
    Invalid("It cannot stand.", fields={"word": "Enter a word"}),
    Problem(500, "Something went wrong in Kith"),
    Problem(503, "Kith cannot do this at the moment"),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: str(problem.status))
def test_every_problem_has_a_page(problem: Problem, pages: Pages) -> None:
    page = drawn(pages, "kith/problem.html", Visit(correlation="abc"), problem=problem)
    assert f"<h1>{problem.title}</h1>" in page
    assert ("abc" in page) == (problem.status >= 500)


def test_every_part_is_drawn(pages: Pages) -> None:
    page = drawn(pages, "every_part.html", todo={"/referral/today": 5}, **every_part())
    for words in (
        "1,204 groups, soonest help first",
        "Said 2 weeks ago, 5 November 2026 at 2:30pm, Thursday 5 November 2026; £2.50; ; a, b and c; 38%",
        "<strong>Important:</strong> Do not leave a message.",
        'aria-current="page"',
        "Remove filter",
        "You will be logged out after 30 minutes",
        '5<span class="nhsuk-u-visually-hidden"> to do</span>',
    ):
        assert words in page
    assert "None" not in page
    assert page.count("<h1") == 1
    assert 'value="0" checked' in page


def test_the_menu_is_the_roles_own(pages: Pages) -> None:
    page = drawn(pages, "greeting.html", version=None)
    assert "Today" in page
    assert "Workload" not in page
    anonymous = drawn(pages, "greeting.html", Visit(), version=None)
    assert "Today" not in anonymous
    assert "Log in" in anonymous
    assert "You will be logged out" not in anonymous


def test_an_error_summary_and_a_banner_never_stand_together(pages: Pages) -> None:
    page = drawn(pages, "greeting.html", version=None, errors={"word": "Enter a word"}, confirm="Done")
    assert "There is a problem" in page
    assert "Done" not in page


def test_a_date_s_error_leads_to_its_day(pages: Pages) -> None:
    typed = Typed({"born[day]": ["31"], "born[month]": ["2"], "born[year]": ["1951"]})
    errors = {"born": "Date of birth must be a real date", "happy": "Choose a number"}
    page = drawn(pages, "every_part.html", errors=errors, typed=typed, **every_part())
    assert 'href="#born-day"' in page
    assert 'id="born-day"' in page
    assert 'href="#happy"' in page
    assert 'id="happy"' in page


def test_what_people_type_is_never_markup(pages: Pages) -> None:
    nasty = "<script>alert(1)</script>"
    page = drawn(pages, "greeting.html", version=None, typed=Typed({"word": [nasty]}), confirm=nasty)
    assert nasty not in page
    assert "&lt;script&gt;" in page


def test_a_misspelt_name_stops_the_page(pages: Pages) -> None:
    with pytest.raises(UndefinedError):
        drawn(pages, "greeting.html")


def test_no_safety_concern_is_said_too(pages: Pages) -> None:
    page = drawn(pages, "every_part.html", **every_part() | {"safety": []})
    assert "No safety concerns recorded. Asked 3 November 2026" in page


async def test_the_contract_pages_of_a_real_service_are_drawn(pages: Pages) -> None:
    from shared.door.contracts import shapes
    from shared.events import asyncapi

    document = asyncapi.document("referral")
    known = shapes(document["components"]["schemas"])
    page = drawn(pages, "kith/asyncapi.html", document=document, said=["referral-events"], shapes=known)
    assert "referral-created" in page
    assert "This service says it." in page


def test_every_state_has_a_short_label_and_a_colour_of_the_tag() -> None:
    for entries in STATES.values():
        for shown in entries.values():
            assert 0 < len(shown.label) <= 20
            assert shown.colour in COLOURS
    with pytest.raises(UnknownState):
        state("request", "vanished")


def test_one_label_means_one_colour_within_a_thing() -> None:
    for entries in STATES.values():
        colours: dict[str, set[str]] = {}
        for shown in entries.values():
            colours.setdefault(shown.label, set()).add(shown.colour)
        assert all(len(found) == 1 for found in colours.values())


def test_the_policy_names_the_inline_script_as_it_is_drawn(pages: Pages) -> None:
    page = drawn(pages, "greeting.html", version=None)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    assert hashes == {INLINE_HASH}
    assert f"'sha256-{INLINE_HASH}'" in POLICY
    assert "unsafe" not in POLICY
    assert "style=" not in page


def test_no_template_of_ours_lets_markup_through() -> None:
    for template in OURS.glob("*.html"):
        text = template.read_text()
        assert "| safe" not in text
        assert '"html":' not in text
        assert not re.search(r"<form(?![^>]*(method=\"get\"|/sign-out))", text) or template.name == "form.html"


async def test_every_answer_carries_the_policy(client: httpx.AsyncClient) -> None:
    for path in ("/testing/hello", "/testing/openapi", "/testing/health/live", "/testing/nothing", "/testing/api/me"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_a_callers_correlation_id_is_kept_when_it_has_the_shape_of_one(client: httpx.AsyncClient) -> None:
    given = "0199a3f0-7c1e-7b7e-9d7a-2f1c4b6a8e01"
    kept = await client.get("/testing/api/me", headers={"x-correlation-id": given})
    assert kept.headers["x-correlation-id"] == given
    for other in ("Ana Example", "Ana-Example-Of-Elm-Street", "9990000018", "07700-900866"):
        made = await client.get("/testing/api/me", headers={"x-correlation-id": other})
        assert made.headers["x-correlation-id"] != other


async def test_assets_are_kept_for_a_year_under_names_that_change(client: httpx.AsyncClient) -> None:
    page = (await client.get("/testing/hello")).text
    for address in re.findall(r'(?:href|src)="(/testing/assets/(?:kith|boot)[^"]*)"', page):
        answer = await client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert re.search(r"\.[0-9a-f]{10}\.(css|js|svg)$", address)
    assert (await client.get("/testing/assets/../app.py")).status_code == 404


def test_files_that_name_others_name_them_as_they_are_served(tmp_path: Path) -> None:
    files: Mapping[str, str] = {
        "nhsuk-frontend.min.js": "export const initAll = () => {};",
        "nhsuk-icon-cross.svg": "<svg/>",
        "nhsuk-frontend.min.css": "a{background:url(nhsuk-icon-cross.svg)}",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assets = Assets("referral", tmp_path)
    css = assets.served(assets.path("nhsuk-frontend.min.css").rpartition("/")[2])
    boot = assets.served(assets.path("boot.js").rpartition("/")[2])
    assert css
    assert assets.path("nhsuk-icon-cross.svg").rpartition("/")[2] in css.content.decode()
    assert boot
    assert assets.path("nhsuk-frontend.min.js").rpartition("/")[2] in boot.content.decode()
