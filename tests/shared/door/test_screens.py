"""The base of every page in a real browser: no violation that axe can see, and no message on the console."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, ViewportSize, async_playwright

from shared.door.caller import Caller
from shared.door.charts import Series, line_chart
from shared.door.forms import Typed
from shared.door.guard import door, public
from shared.door.states import STATES
from shared.runtime.actor import Role
from shared.runtime.settings import ROOT
from tests.needs import browser, need
from tests.shared.door.fixture_app import Provider, log_in, make_app, routes, settings

pytestmark = pytest.mark.browser
ASSETS = ROOT / "build" / "assets"
PAGES = ("parts", "parts?wrong=1", "greeting", "openapi", "asyncapi", "operate", "operate/parked/7", "nothing", "hello")
WIDTHS = (360, 1200)


def parts_router() -> APIRouter:
    router = door("testing")

    @router.get("/testing/parts", dependencies=[public()])
    async def parts(caller: Caller, wrong: bool = False) -> HTMLResponse:
        typed = Typed({"born[day]": ["31"], "born[month]": ["2"], "born[year]": ["1951"], "happy": ["0"]})
        errors = {"born": "Date of birth must be a real date", "happy": "Choose a number"} if wrong else {}
        lines = [Series("Reached", [80, 85, 90]), Series("Helped", [20, 30, 38])]
        return caller.page(
            "every_part.html",
            errors=errors,
            typed=typed if wrong else None,
            states=[(thing, key) for thing, entries in STATES.items() for key in entries],
            chart=line_chart("reached", "Nine in ten were reached", "From 80 to 90", ["June", "July", "August"], lines),
            moment_of=datetime.now(UTC) - timedelta(days=15),
            safety=["Do not leave a message.", "Call 10am to 2pm."],
            todo={"/testing/greeting": 5},
        )

    return router


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[tuple[str, Any]]:
    """The small service on a port of its own, and the cookie of somebody with every role."""
    need(ASSETS.is_dir(), "no assets: python -m deploy.embedded.assets")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{bound.getsockname()[1]}"
        provider = Provider(tmp_path)
        told = settings(tmp_path, provider, assets=ASSETS, base_url=base)
        app = make_app(told, routers=[routes(), parts_router()])
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        name, _, value = log_in(told, provider, Role.LINK_WORKER, Role.OPERATOR).partition("=")
        yield base, {"name": name, "value": value, "url": base}
        server.should_exit = True
        await serving


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    path = browser()  # before the driver, which a bare machine cannot start
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_the_pages_have_no_violation_and_say_nothing_on_the_console(
    width: int, script: bool, site: tuple[str, Any], chromium: Browser
) -> None:
    base, cookie = site
    view = ViewportSize(width=width, height=800)
    context = await chromium.new_context(viewport=view, java_script_enabled=script)
    await context.add_cookies([cookie])
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in PAGES:
        answer = await page.goto(f"{base}/testing/{path}")
        assert answer
        assert answer.status in (200, 404, 422)
        if script:
            found = (await Axe().run(page)).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], path
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} px wide"
    assert [message for message in said if "404" not in message and "422" not in message] == []
    await context.close()
