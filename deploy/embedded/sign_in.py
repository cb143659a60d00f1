"""The demonstration log-in: choose who to be. It stands in for an identity provider on one machine, nowhere else."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from deploy.embedded.issuing import BROWSER_LIFE, PROGRAM_LIFE, Issuer, Person, UnknownPerson
from shared.door.assets import Assets, assets_router
from shared.door.forgery import from_elsewhere, is_ours
from shared.door.forms import TOKEN
from shared.door.guard import door, public
from shared.door.headers import SafeHeaders
from shared.door.pages import Pages
from shared.door.problems import Forbidden
from shared.door.refusals import install_refusals
from shared.door.sealer import Sealer
from shared.door.service import Service
from shared.door.sessions import Session, Sessions
from shared.door.visit import visit_of
from shared.runtime.actor import Role
from shared.runtime.clock import now
from shared.runtime.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"

# What each role is owed first; the first of a person's roles decides.
LANDING: Mapping[Role, str] = {
    Role.LINK_WORKER: "/referral/today",
    Role.TEAM_LEAD: "/referral/triage",
    Role.REFERRER: "/referral/mine",
    Role.PROVIDER: "/directory/desk",
    Role.STEWARD: "/directory/search",
    Role.ANALYST: "/reporting/funnel",
    Role.OPERATOR: "/referral/operate",
}
_TITLES: Mapping[Role, str] = {
    Role.LINK_WORKER: "Link workers",
    Role.TEAM_LEAD: "Team leads",
    Role.REFERRER: "People who refer",
    Role.PROVIDER: "Groups and services",
    Role.STEWARD: "Directory stewards",
    Role.ANALYST: "Analysts",
    Role.OPERATOR: "Operators",
}


class NotEmbedded(Exception):
    """The demonstration log-in was asked for where real people may be."""


class Chosen(BaseModel):
    """Who a program wants a token for."""

    person: str


@dataclass(frozen=True, slots=True)
class Group:
    """People of one role, as the page lists them."""

    title: str
    people: Sequence[Person]


@dataclass(frozen=True)
class LogIn:
    """What the routes of the log-in stand on."""

    issuer: Issuer
    sessions: Sessions
    sealer: Sealer
    pages: Pages

    def session_for(self, person: Person) -> Session:
        moment = now()
        access, refresh = self.issuer.access(person, moment, BROWSER_LIFE), self.issuer.renewal(person, moment)
        return Session(secrets.token_urlsafe(16), access, refresh, int(moment.timestamp()))


def create(settings: Settings, issuer: Issuer) -> FastAPI:
    """The log-in's app. Raises `NotEmbedded` unless the network is embedded and bound to this machine alone."""
    if not settings.embedded or not _loopback(settings.base_url):
        raise NotEmbedded("The demonstration log-in is only for the embedded run on this machine.")
    sealer = Sealer(settings.cookie_key)
    assets = Assets("sign-in", settings.assets)
    pages = Pages(Service("sign-in", "Log in", [], TEMPLATES), assets, sealer)
    log_in = LogIn(issuer, Sessions(settings, sealer), sealer, pages)
    app = FastAPI(title="Kith log-in", docs_url=None, redoc_url=None, openapi_url=None, max_body_size=100_000)
    app.state.pages = pages
    install_refusals(app, {})
    for router in (for_browsers(log_in), for_programs(log_in), assets_router("sign-in", assets)):
        app.include_router(router)
    # A site whose name leads here (DNS rebinding) would otherwise be given tokens as if it were ours.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    app.add_middleware(SafeHeaders, secure=False)
    return app


def _loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def local(address: str) -> str:
    """An address of ours to go on to, or "": nobody is sent to another site after logging in."""
    safe = address.startswith("/") and not address.startswith(("//", "/\\", "/sign-"))
    return address if safe and address.isprintable() else ""


def groups(people: Sequence[Person]) -> list[Group]:
    """Everybody by role, in the order of the work."""
    return [
        Group(title, chosen) for role, title in _TITLES.items() if (chosen := [p for p in people if role in p.roles])
    ]


def for_browsers(log_in: LogIn) -> APIRouter:
    """The page, the choice, and logging out."""
    router = door("sign-in")

    @router.get("/sign-in", dependencies=[public()])
    async def choose(request: Request, next: str = "") -> HTMLResponse:  # noqa: A002
        model = {"groups": groups(list(log_in.issuer.people.values())), "next": local(next)}
        visit = visit_of(request.scope)
        return HTMLResponse(log_in.pages.render("sign_in.html", visit, path="/sign-in", now=now(), **model))

    @router.post("/sign-in", dependencies=[public()])
    async def log_in_as(
        request: Request,
        person: Annotated[str, Form()],
        token: Annotated[str, Form(alias=TOKEN)] = "",
        next: Annotated[str, Form()] = "",  # noqa: A002
    ) -> Response:
        if from_elsewhere(request.headers) or not is_ours(log_in.sealer, None, token):
            raise Forbidden("Open the log-in page and choose there.")
        chosen = _found(log_in.issuer, person)
        response = RedirectResponse(local(next) or LANDING[chosen.roles[0]], 303)
        response.headers.append("set-cookie", log_in.sessions.set_cookie(log_in.session_for(chosen)))
        return response

    @router.post("/sign-out", dependencies=[public()])
    async def log_out(request: Request, token: Annotated[str, Form(alias=TOKEN)] = "") -> Response:
        session = log_in.sessions.read(request.headers.get("cookie", ""), now())
        if from_elsewhere(request.headers) or (session and not is_ours(log_in.sealer, session.id, token)):
            raise Forbidden("Log out from a page of Kith.")
        response = RedirectResponse("/sign-in", 303)
        response.headers.append("set-cookie", log_in.sessions.end_cookie())
        return response

    return router


def for_programs(log_in: LogIn) -> APIRouter:
    """Who there is, tokens for them, fresh ones, and the public keys."""
    router, issuer = door("sign-in"), log_in.issuer

    @router.get("/sign-in/people", dependencies=[public()])
    async def people() -> list[dict[str, object]]:
        return [
            {"id": each.id, "name": each.name, "roles": each.roles, "organisations": each.organisations}
            for each in issuer.people.values()
        ]

    @router.post("/sign-in/token", dependencies=[public()])
    async def token(chosen: Chosen) -> Response:
        try:
            person = issuer.person(chosen.person)
        except UnknownPerson:
            return JSONResponse({"error": "invalid_request", "error_description": "nobody of that id"}, 404)
        life = PROGRAM_LIFE
        return JSONResponse(_granted(issuer.access(person, now(), life), int(life.total_seconds())))

    @router.post("/sign-in/renew", dependencies=[public()])
    async def renew(grant_type: Annotated[str, Form()], refresh_token: Annotated[str, Form()]) -> Response:
        try:
            person = issuer.renewed(refresh_token, now())
        except UnknownPerson:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if grant_type != "refresh_token":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        access = issuer.access(person, now(), BROWSER_LIFE)
        return JSONResponse(_granted(access, int(BROWSER_LIFE.total_seconds())))

    @router.get("/sign-in/jwks", dependencies=[public()])
    async def jwks() -> dict[str, object]:
        return issuer.public_keys()

    return router


def _granted(access: str, seconds: int) -> dict[str, object]:
    return {"access_token": access, "token_type": "Bearer", "expires_in": seconds}


def _found(issuer: Issuer, person: str) -> Person:
    try:
        return issuer.person(person)
    except UnknownPerson:
        raise Forbidden("Choose somebody from the page.") from None
