"""A directory on a store of its own, with the app in this process and nothing else running."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.directory.actions.listings import import_activities
from services.directory.consumers import consumers, timers
from services.directory.imports.open_referral import read_listings
from shared.backbone.consumers import Record
from shared.events import referral
from shared.events.envelope import Fact
from shared.events.snapshots import example
from shared.events.streams import stream_of
from shared.runtime.actor import Actor, Role, system
from shared.runtime.ids import new_id
from shared.runtime.imports import Tally
from shared.runtime.store import Store, Tx
from tests.callers import Callers
from tests.services.directory.samples import NOW

RIVERSIDE = {"id": "riverside", "name": "Riverside Arts"}
PROVIDER = Actor("kim", frozenset({Role.PROVIDER}), frozenset({"riverside"}))
OTHER = Actor("lee", frozenset({Role.PROVIDER}), frozenset({"elsewhere"}))


def service(name: str = "Riverside Singers", **said: Any) -> dict[str, object]:
    """An Open Referral UK service as a feed has it."""
    return {"id": f"feed-{name}", "name": name, "status": "active", "organization": RIVERSIDE, **said}


def said(fact: type[Fact], key: UUID, **data: object) -> Record:
    """A committed example as a record, with ids of its own and some of its data changed."""
    event: dict[str, Any] = json.loads(example(fact))
    event |= {"id": str(new_id()), "partitionkey": str(key), "subject": str(key), "pcn": "U99001"}
    event["data"] |= data
    return Record(stream_of(fact).name, 0, 0, str(key), json.dumps(event).encode())


@dataclass
class Asked:
    """A request for a place as referral tells it."""

    activity: UUID
    reference: str = "M8T-2VW"
    referral: UUID = field(default_factory=new_id)
    prescription: UUID = field(default_factory=new_id)

    def prescribed(self, **data: object) -> Record:
        about = {
            "prescription_id": str(self.prescription),
            "activity_id": str(self.activity),
            "provider_id": "riverside",
            "request_reference": self.reference,
            "reason_group": "social-connection",
            "answer_by": "2026-11-27T23:59:59Z",
        }
        return said(referral.ActivityPrescribed, self.referral, **(about | data))

    def withdrawn(self, reason: str) -> Record:
        about = {"prescription_id": str(self.prescription), "reason": reason}
        return said(referral.PrescriptionWithdrawn, self.referral, **about)


class Stage:
    """The directory's store, its consumers and its doors."""

    def __init__(self, app: FastAPI, store: Store, callers: Callers) -> None:
        self.app, self.store, self.callers = app, store, callers
        self.table, self.timers = consumers(), timers()

    @asynccontextmanager
    async def acting(self, actor: Actor | None = None) -> AsyncIterator[Tx]:
        async with self.store.transaction(actor or system("directory")) as tx:
            yield tx

    @asynccontextmanager
    async def visit(
        self, *roles: Role, organisations: tuple[str, ...] = ("riverside",)
    ) -> AsyncIterator[httpx.AsyncClient]:
        async with self.callers.client(self.app, *roles, organisations=organisations) as client:
            yield client

    async def feed(self, *services: Mapping[str, object], at: datetime = NOW) -> Tally:
        async with self.acting() as tx:
            return await import_activities(tx, read_listings(services), at)

    async def listed(self, **said: Any) -> Asked:
        """One activity, and a request for it that nobody has sent yet."""
        await self.feed(service(**said))
        (row,) = await self.rows("SELECT id FROM activity")
        return Asked(row["id"])

    async def asked(self, **data: object) -> Asked:
        """One request on the desk of the one activity."""
        asked = await self.listed()
        await self.hear(asked.prescribed(**data))
        return asked

    async def hear(self, *records: Record) -> None:
        """Handle each record, in a transaction of its own as the backbone would."""
        for record in records:
            work = self.table.read(record)
            assert work is not None, record.stream
            async with self.acting() as tx:
                await work.handle(tx, work.event)

    async def rows(self, sql: str, **values: object) -> list[Mapping[str, Any]]:
        async with self.acting() as tx:
            return [dict(row) for row in await tx.rows(sql, **values)]

    async def events(self, stream: str, read: Callable[[bytes], Any] = json.loads) -> list[dict[str, Any]]:
        """What is to be said on a stream, oldest first."""
        found = await self.rows("SELECT payload FROM outbox WHERE stream = :stream ORDER BY seq", stream=stream)
        return [read(row["payload"]) for row in found]

    async def told(self, stream: str) -> list[str]:
        """The names of the events on a stream, oldest first."""
        return [event["type"].split(".")[1] for event in await self.events(stream)]
