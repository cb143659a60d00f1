"""All four services in this process, each on a store of its own, with one person on her way through each of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from services.directory.app import create as create_directory
from services.directory.finder import give_finder
from services.notifications.app import create as create_notifications
from services.notifications.mail import Outcome
from services.referral.actions.prescriptions import prescribe
from services.referral.app import create as create_referral
from services.referral.domain.referral import Status
from services.referral.store.notes import Note, add_note
from services.reporting.app import create as create_reporting
from shared.door.doorway import Doorway, open_door
from shared.door.forgery import form_token
from shared.events.vocabulary import Channel
from shared.runtime.actor import Actor, system
from shared.runtime.clock import now
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.engines import Addresses
from tests.services.directory.stage import Asked
from tests.services.directory.stage import Stage as DirectoryStage
from tests.services.notifications.stage import PRIVATE, PUBLIC, Story
from tests.services.notifications.stage import Stage as NotificationsStage
from tests.services.referral.cases.world import add_case, an_activity
from tests.services.referral.network import JO, load_network
from tests.services.reporting.desk import Desk, Told

CREATE = {
    "referral": create_referral,
    "directory": create_directory,
    "notifications": create_notifications,
    "reporting": create_reporting,
}
# Words that stand for everything we hold of her: where they turn up, somebody learned who she is.
NAMES = ("Rosa", "Okafor", "9990000018", "07700 900 866", "RM17 6AA", "My garden")

KINDS = ("case", "waiting", "request", "activity", "note", "place", "listing", "letter", "message", "told_of")


@dataclass
class House:
    """The four apps, and what can be asked for in them by reference."""

    apps: Mapping[str, FastAPI]
    callers: Callers
    held: dict[str, str] = field(default_factory=lambda: dict.fromkeys(KINDS, "none"))

    def store(self, service: str) -> Store:
        return self._doorway(service).store

    def form_token(self, service: str) -> str:
        """The token of a form that a program was shown: it has no log-in to bind it to."""
        return form_token(self._doorway(service).sealer, None)

    def _doorway(self, service: str) -> Doorway:
        found: Doorway = self.apps[service].state.doorway
        return found

    @asynccontextmanager
    async def visit(self, service: str, actor: Actor | None = None) -> AsyncIterator[httpx.AsyncClient]:
        headers = {}
        if actor:
            token = self.callers.token(*actor.roles, organisations=actor.organisations, subject=actor.subject)
            headers["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.apps[service], raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://kith.test", headers=headers) as client:
            yield client

    async def close(self) -> None:
        for service in self.apps:
            await self.store(service).close()


def build_house(folder: Path) -> House:
    """The apps, without stores; their backbones are not started, so what they record stays in their outboxes."""
    callers = Callers(folder)
    return House({service: create(_settings(service, callers)) for service, create in CREATE.items()}, callers)


async def furnish(built: House, database: Callable[[str], Awaitable[Addresses]]) -> House:
    """The apps on fresh stores."""
    for service, app in built.apps.items():
        doorway: Doorway = app.state.doorway
        open_door(app, replace(doorway, store=Store((await database(service)).app_url, service, pool=4)))
    give_finder(built.apps["directory"])
    return House(built.apps, built.callers)


def _settings(service: str, callers: Callers) -> Settings:
    return Settings(
        service=service,
        database_url=SecretStr("postgresql+asyncpg://nowhere/none"),
        issuer=ISSUER,
        jwks=callers.jwks,
        cookie_key=SecretStr(COOKIE_KEY),
        person_key=SecretStr("a secret of the tests"),
        contact_public_key=PUBLIC,
        contact_private_key=SecretStr(PRIVATE),
        assets=Path("/nowhere"),
        log_level="ERROR",
    )


async def people_it(house: House) -> House:
    """One person's referral, request, messages and figures, so that every route has something to give away."""
    house.held |= await _referral(house.store("referral"))
    house.held |= await _directory(house)
    house.held |= await _notifications(house.store("notifications"))
    desk = Desk(house.apps["reporting"], house.callers)
    await desk.hear(*(record for _ in range(6) for record in Told().journey(5)))
    return house


async def _referral(store: Store) -> dict[str, str]:
    await load_network(store)
    async with store.transaction(system("referral")) as tx:
        case = await add_case(tx, made_by="rita")
        add_note(tx, case.id, Note(now(), True, "My garden"))
        waiting: dict[str, Any] = {"status": Status.RECEIVED, "link_worker": None, "allocated_at": None}
        await add_case(tx, "W4T-NGR", **waiting)
        activity = an_activity()
        tx.session.add(activity)
        await tx.session.flush()
        (note,) = await tx.rows("SELECT id FROM referral_note")
    async with store.transaction(JO) as tx:
        asked = await prescribe(tx, case.reference, activity, agreed=True, answer_by=None, now=now())
    return {
        "case": case.reference,
        "waiting": "W4T-NGR",
        "request": asked.reference,
        "activity": activity.reference,
        "note": str(note["id"]),
    }


async def _directory(house: House) -> dict[str, str]:
    stage = DirectoryStage(house.apps["directory"], house.store("directory"), house.callers)
    asked: Asked = await stage.asked()
    (row,) = await stage.rows("SELECT reference FROM activity")
    return {"place": asked.reference, "listing": row["reference"]}


async def _notifications(store: Store) -> dict[str, str]:
    stage = NotificationsStage(store)
    story = Story(notify_by=Channel.LETTER, address_lines=("1 Elm Street",), postcode="RM17 6AA")
    await stage.hear(story.created, story.person, story.referrer, story.network)
    with stage.post.answering(lambda _: Outcome.REFUSED):
        await stage.send()
    (letter,) = await stage.rows("SELECT reference FROM message WHERE state = 'to_print'")
    (failed,) = await stage.rows("SELECT id FROM message WHERE state = 'failed'")
    return {"letter": letter["reference"], "message": str(failed["id"]), "told_of": str(story.ids.referral)}
