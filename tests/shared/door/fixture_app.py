"""A small service behind the real door, and an identity provider's key for it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import BaseModel, SecretStr

from shared.backbone.outbox import Backlogged
from shared.backbone.parking import NotParked, ParkedEvent
from shared.backbone.rebuilding import NoProjection, NotHeard, NotWhole, Rebuild
from shared.backbone.replaying import Outcome
from shared.backbone.republishing import RepublishJob, RepublishPlan
from shared.backbone.running import Backbone
from shared.backbone.status import BackboneStatus, StreamStatus
from shared.backbone.subscription import BrokerAway
from shared.door.app import Service, build_app
from shared.door.caller import Caller
from shared.door.guard import allow, door, public
from shared.door.menu import MenuItem
from shared.door.problems import Conflict
from shared.door.sealer import Sealer
from shared.door.sessions import Session, Sessions
from shared.events.place import PlaceAccepted
from shared.events.snapshots import example
from shared.runtime.actor import Actor, Role
from shared.runtime.settings import Settings
from shared.runtime.store import StaleVersion, Store

TEMPLATES = Path(__file__).parent / "templates"
BASE = "http://127.0.0.1:8123"
WHEN = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
STATUS = BackboneStatus(
    relay_active=True,
    relay_turned_s=0.1,
    sent=12,
    outbox_depth=0,
    outbox_age_s=0.0,
    streams=[
        StreamStatus(
            stream="place-events",
            position=4,
            end=5,
            lag=1,
            last_progress=WHEN,
            stopped=False,
            stuck_s=1.0,
            counts={"handled": 4, "skipped": 1},
        )
    ],
    retrying=0,
    waiting=0,
    parked=1,
    timers_due=0,
    rebuilds=[Rebuild("counts", 250, 1000, running=True)],
)
PARKED = ParkedEvent(
    id=7,
    stream="place-events",
    partition=0,
    position=4,
    key="key",
    event_id=None,
    type="kith.place-accepted.v1",
    attempts=4,
    error_class="UnknownActivity",
    put_aside_at=WHEN,
    next_at=None,
)


class NoRoom(Exception):
    """A named error of the service's domain."""


@dataclass
class StillBackbone:
    """A backbone that carries nothing and says what the test wants."""

    standing: BackboneStatus | Exception = STATUS
    aside: list[ParkedEvent] = field(default_factory=lambda: [PARKED])
    discarded: list[tuple[int, str, str]] = field(default_factory=list)
    redriven: list[int] = field(default_factory=list)
    content: bytes | None = field(default_factory=lambda: example(PlaceAccepted))
    jobs: list[RepublishJob] = field(default_factory=list)
    done: list[tuple[str, str, str]] = field(default_factory=list)
    replayed: list[dict[str, object]] = field(default_factory=list)
    broker_away: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        yield

    async def status(self) -> BackboneStatus:
        if isinstance(self.standing, Exception):
            raise self.standing
        return self.standing

    async def parked(self) -> list[ParkedEvent]:
        return self.aside

    async def parked_event(self, id_: int) -> tuple[ParkedEvent, bytes | None]:
        self._known(id_)
        return next(event for event in self.aside if event.id == id_), self.content

    async def replay(self, *, actor: Actor, dry_run: bool, **which: object) -> list[Outcome]:
        self.replayed.append(which | {"dry_run": dry_run, "by": actor.subject})
        return [Outcome(7, "place-events", "key", None, None, "failed", "UnknownActivity")]

    async def restart(self, stream: str, where: str, actor: Actor) -> None:
        self._refuse()
        if stream != "place-events":
            raise NotHeard(stream)
        self.done.append((stream, where, actor.subject))

    async def rebuilds(self) -> list[Rebuild]:
        return list(STATUS.rebuilds)

    async def rebuild(self, name: str, actor: Actor, *, partial: bool = False) -> None:
        self._refuse()
        if name != "counts":
            raise NoProjection(name)
        if not partial:
            raise NotWhole("place-events")
        self.done.append((name, "rebuild", actor.subject))

    def _refuse(self) -> None:
        if self.broker_away:
            raise BrokerAway

    async def republishes(self) -> list[RepublishJob]:
        return self.jobs

    async def republish_plan(self, **window: object) -> RepublishPlan:
        return RepublishPlan(40, WHEN)

    async def republish(self, *, actor: Actor, **window: Any) -> RepublishJob:
        self.jobs.append(
            RepublishJob(1, **window, total=40, sent=12, asked_by=actor.subject, asked_at=WHEN, done_at=None)
        )
        return self.jobs[-1]

    async def redrive(self, id_: int, _: Actor) -> None:
        self._known(id_)
        self.redriven.append(id_)

    async def discard(self, id_: int, reason: str, actor: Actor) -> None:
        self._known(id_)
        self.discarded.append((id_, reason, actor.subject))

    def _known(self, id_: int) -> None:
        if id_ not in [event.id for event in self.aside]:
            raise NotParked


class Word(BaseModel):
    word: str


@dataclass
class Provider:
    """An identity provider: its key, and tokens as good or as bad as a test wants them."""

    folder: Path
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", parameters={"kid": "one", "alg": "ES256"}))

    def __post_init__(self) -> None:
        self.jwks.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))

    @property
    def jwks(self) -> Path:
        return self.folder / "jwks.json"

    def claims(self, *roles: Role) -> dict[str, object]:
        at = int(datetime.now(UTC).timestamp())
        known = {"iss": f"{BASE}/sign-in", "aud": "kith", "sub": "jo", "iat": at, "exp": at + 60, "name": "Jo Example"}
        return {**known, "roles": [role.value for role in roles], "orgs": ["X12345"]}

    def token(self, *roles: Role, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        said = {name: value for name, value in (self.claims(*roles) | claims).items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": "one", **(header or {})}, said, self.key)

    def bearer(self, *roles: Role) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(*roles)}"}


def settings(folder: Path, provider: Provider, **other: Any) -> Settings:
    known: dict[str, Any] = {
        "service": "testing",
        "database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/none",
        "issuer": f"{BASE}/sign-in",
        "jwks": str(provider.jwks),
        "token_endpoint": f"{BASE}/sign-in/renew",
        "cookie_key": "k" * 48,
        "base_url": BASE,
        "embedded": True,
        "assets": folder / "assets",
    }
    return Settings(**(known | other))


def routes() -> Any:
    router = door("testing")

    @router.get("/testing/greeting", dependencies=[allow(Role.LINK_WORKER)])
    async def greeting(caller: Caller) -> HTMLResponse:
        return caller.page("greeting.html", version=3)

    @router.post("/testing/greeting", dependencies=[allow(Role.LINK_WORKER)])
    async def greet(caller: Caller) -> Response:
        form = await caller.form()
        word = form.text("word")
        if word == "stale":
            raise StaleVersion
        if word == "too much":
            raise Backlogged
        if not word:
            return caller.page("greeting.html", version=3, errors={"word": "Enter a word"}, typed=form.typed)
        said = f"{word}, {form.version}, {form.carried['how'][0]}"
        return caller.redirect("/testing/greeting", confirm=f"Greeted: {said}")

    @router.get("/testing/hello", dependencies=[public()])
    async def hello(caller: Caller) -> HTMLResponse:
        return caller.page("greeting.html", version=None)

    @router.post("/testing/hello", dependencies=[public()])
    async def say_hello(caller: Caller) -> dict[str, str]:
        form = await caller.form()
        return {"word": form.text("word"), "by": caller.actor.subject}

    @router.post("/testing/api/words", status_code=201, dependencies=[allow(Role.REFERRER)])
    async def word(body: Word) -> Word:
        """Keep a word."""
        if body.word == "full":
            raise NoRoom("There is no room for another word.")
        if body.word == "known":
            raise Conflict("It is known.", kind="known-word", reference="K7F-3QD")
        if body.word == "away":
            raise ConnectionRefusedError
        if body.word == "too much":
            raise Backlogged
        if body.word == "broken":
            raise RuntimeError("Ana Example, 999 000 0018")
        return body

    @router.get("/testing/api/me", dependencies=[public()])
    async def me(caller: Caller, request: Request) -> dict[str, Any]:
        actor = caller.actor
        return {
            "subject": actor.subject,
            "roles": sorted(actor.roles),
            "organisations": sorted(actor.organisations),
            "session": bool(caller.visit.session),
        }

    @router.post("/testing/api/me", dependencies=[public()])
    async def change_me() -> dict[str, bool]:
        return {"changed": True}

    return router


def make_app(told: Settings, backbone: StillBackbone | None = None, routers: Sequence[Any] | None = None) -> FastAPI:
    service = Service(
        name="testing",
        title="Testing",
        routers=routers if routers is not None else [routes()],
        templates=TEMPLATES,
        errors={NoRoom: 422},
        menu=[MenuItem("Greet", "/testing/greeting", frozenset({Role.LINK_WORKER}))],
    )
    store = Store(told.database_url.get_secret_value(), "testing")
    return build_app(service, told, store, cast(Backbone, backbone or StillBackbone()))


def log_in(told: Settings, provider: Provider, *roles: Role, seen: datetime | None = None, **claims: Any) -> str:
    """The Cookie header of somebody who has logged in."""
    sealer = Sealer(SecretStr(told.cookie_key.get_secret_value()))
    moment = int((seen or datetime.now(UTC)).timestamp())
    session = Session("session-one", provider.token(*roles, **claims), "renewal-one", moment)
    return Sessions(told, sealer).set_cookie(session).split(";")[0]
