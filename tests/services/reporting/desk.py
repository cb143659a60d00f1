"""Referrals as the streams tell them, from the committed examples, and a reporting service to hear them."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.reporting.consumers import consumers
from shared.backbone.consumers import Record, Work, handle, handle_many
from shared.door.doorway import Doorway
from shared.events import network, place, referral
from shared.events.envelope import Fact
from shared.events.snapshots import example
from shared.events.streams import stream_of
from shared.runtime.actor import Role, system
from shared.runtime.ids import new_id
from shared.runtime.store import Store
from tests.callers import Callers

ELM, OAK = "U00001", "U00002"


class Told:
    """One referral and one request, and the records that tell of them."""

    def __init__(self, pcn: str | None = ELM, made: str = "2026-03-01T10:00:00Z", group: str = "housing") -> None:
        self.id, self.request, self.pcn, self.group, self.made = new_id(), new_id(), pcn, group, made

    def said(self, fact: type[Fact], time: str = "2026-03-10T10:00:00Z", **data: object) -> Record:
        event: dict[str, Any] = json.loads(example(fact))
        event |= {"id": str(new_id()), "partitionkey": str(self.id), "time": time, "pcn": self.pcn}
        mine = {"prescription_id": str(self.request)} if "prescription_id" in event["data"] else {}
        event["data"] |= mine | data
        return Record(stream_of(fact).name, 0, 0, str(self.id), json.dumps(event).encode())

    def created(self) -> Record:
        return self.said(referral.ReferralCreated, self.made, reason_group=self.group)

    def journey(self, steps: int) -> list[Record]:
        """Created, and so many of: reached, session, prescribed, accepted, attended."""
        records = [
            self.said(referral.ContactAttempted, outcome="reached"),
            self.said(referral.SessionCompleted),
            self.said(referral.ActivityPrescribed),
            self.said(place.PlaceAccepted),
            self.said(place.AttendanceRecorded, attended=True),
        ]
        return [self.created(), *records[:steps]]


def network_named(code: str, name: str) -> Record:
    event = json.loads(example(network.OrganisationListed))
    event |= {"id": str(new_id()), "partitionkey": code, "subject": code}
    event["data"] |= {"code": code, "kind": "pcn", "organisation_name": name}
    return Record("network-events", 0, 0, code, json.dumps(event).encode())


class Desk:
    """The service's app, its store fed without a broker."""

    def __init__(self, app: FastAPI, callers: Callers) -> None:
        self.app, self.callers, self.table = app, callers, consumers()
        doorway: Doorway = app.state.doorway
        self.store: Store = doorway.store

    async def hear(self, *records: Record) -> None:
        """Handle each record, in a transaction of its own as the backbone would."""
        for record in records:
            async with self.store.transaction(system("reporting")) as tx:
                await handle(tx, self._work(record))

    async def hear_together(self, *records: Record) -> None:
        """Handle all in one transaction, each handler's in one call, as the backbone does with a batch."""
        works = [self._work(record) for record in records]
        async with self.store.transaction(system("reporting")) as tx:
            for handler in {work.handle for work in works}:
                await handle_many(tx, handler, [work.event for work in works if work.handle is handler])

    def _work(self, record: Record) -> Work:
        work = self.table.read(record)
        assert work is not None, record.stream
        return work

    async def rows(self, sql: str, **values: object) -> list[Mapping[str, Any]]:
        async with self.store.transaction(system("reporting")) as tx:
            return [dict(row) for row in await tx.rows(sql, **values)]

    async def referral(self, referral_id: UUID) -> Mapping[str, Any]:
        (row,) = await self.rows("SELECT * FROM referral WHERE referral_id = :id", id=referral_id)
        return row

    @asynccontextmanager
    async def visit(self, *roles: Role, organisations: tuple[str, ...] = ()) -> AsyncIterator[httpx.AsyncClient]:
        async with self.callers.client(self.app, *roles, organisations=organisations) as client:
            yield client

    async def funnel(self, query: str = "from=2026-01-01&to=2026-12-31", pcns: tuple[str, ...] = ()) -> dict[str, Any]:
        """The API's answer to an analyst, or to a team lead of these networks."""
        role = Role.TEAM_LEAD if pcns else Role.ANALYST
        async with self.visit(role, organisations=pcns) as client:
            answer = await client.get(f"/reporting/api/funnel?{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
