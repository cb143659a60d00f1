"""Referral's real app for the tests at its doors: programs with a token, and people with pages and forms."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from bs4 import BeautifulSoup, Tag
from fastapi import FastAPI
from pydantic import SecretStr

from services.referral.app import create
from shared.door.doorway import Doorway
from shared.runtime.actor import Actor
from shared.runtime.settings import Settings
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.services.referral.network import PUBLIC

Fields = Mapping[str, str | list[str]]


def app_on(url: str, callers: Callers) -> FastAPI:
    """The service's app on a database; its backbone is not started, so what it records stays in the outbox."""
    settings = Settings(
        service="referral",
        database_url=SecretStr(url),
        database_pool=4,
        issuer=ISSUER,
        jwks=callers.jwks,
        cookie_key=SecretStr(COOKIE_KEY),
        person_key=SecretStr("a secret of the tests"),
        contact_public_key=PUBLIC,
        assets=Path("/nowhere"),
        log_level="ERROR",
    )
    return create(settings)


def doorway(app: FastAPI) -> Doorway:
    """What the app's requests can reach: the store of the test, among others."""
    found: Doorway = app.state.doorway
    return found


@dataclass
class Door:
    """The app and who may come to it."""

    app: FastAPI
    callers: Callers

    @asynccontextmanager
    async def as_(self, actor: Actor | None = None) -> AsyncIterator["Visitor"]:
        headers = {}
        if actor:
            token = self.callers.token(*actor.roles, organisations=actor.organisations, subject=actor.subject)
            headers["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://kith.test", headers=headers) as client:
            yield Visitor(client)


@dataclass
class Visitor:
    """A browser without scripts: one page open at a time."""

    client: httpx.AsyncClient
    page: BeautifulSoup | None = None
    response: httpx.Response | None = None

    async def open(self, path: str) -> BeautifulSoup:
        return await self._show(await self.client.get(path))

    async def send(self, fields: Fields | None = None, *, button: Fields | None = None, form: int = 0) -> BeautifulSoup:
        """Fill in the page's form (what stands in it stays unless given anew), send it, follow where it leads. On a
        page of several forms `form` says which, from 0."""
        chosen = self._forms[form]
        data = {**_filled(chosen), **(fields or {}), **(button or {})}
        return await self._show(await self.client.post(str(chosen["action"]), data=data))

    async def _show(self, response: httpx.Response) -> BeautifulSoup:
        while response.status_code == 303 and response.headers["location"].startswith("/"):
            response = await self.client.get(response.headers["location"])
        self.response, self.page = response, BeautifulSoup(response.text, "html.parser")
        return self.page

    @property
    def heading(self) -> str:
        """The page's h1, as read out."""
        assert self.page is not None
        found = self.page.h1
        return " ".join(found.get_text(" ").split()) if found else ""

    @property
    def title(self) -> str:
        assert self.page is not None
        return self.page.title.get_text().strip() if self.page.title else ""

    @property
    def typed(self) -> dict[str, str | list[str]]:
        """What stands in the page's form."""
        return _filled(self._forms[0])

    @property
    def _forms(self) -> list[Tag]:
        assert self.page is not None
        forms: list[Tag] = list(self.page.find_all("form", method="post"))
        return [form for form in forms if form["action"] != "/sign-out"]

    @property
    def text(self) -> str:
        assert self.page is not None
        return " ".join(self.page.get_text(" ").split())

    @property
    def errors(self) -> dict[str, str]:
        """The error summary: where each link leads, and its words."""
        assert self.page is not None
        links = self.page.select(".nhsuk-error-summary a")
        for link in links:
            assert self.page.find(id=str(link["href"])[1:]), f"{link['href']} leads nowhere"
        return {str(link["href"])[1:]: link.get_text(strip=True) for link in links}


def _filled(form: Tag) -> dict[str, str | list[str]]:
    """What a browser would send without anything being typed."""
    data: dict[str, str | list[str]] = {}
    for control in form.select("input[name], textarea[name]"):
        name, kind = str(control["name"]), control.get("type")
        if kind in ("radio", "checkbox"):
            if control.has_attr("checked"):
                data[name] = [*data.get(name, []), str(control["value"])]
        elif control.name == "textarea":
            data[name] = control.get_text().lstrip("\n")
        else:
            data[name] = str(control.get("value", ""))
    for select in form.select("select[name]"):
        chosen = select.select_one("option[selected]") or select.select_one("option")
        data[str(select["name"])] = str(chosen["value"]) if chosen else ""
    return data
