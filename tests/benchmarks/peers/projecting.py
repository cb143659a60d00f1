"""The peer of the projection: FastStream batches, each one SQLModel session that loads, changes and adds rows.

It fills the service's own tables from the same topics. Rows are loaded for the whole batch at once and added with
`add_all`, ids are dropped set-wise; requests entered in error, which would have to be taken out again, it leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.store.rows import AttendanceRow, ReferralRow, RequestRow
from shared.runtime.clock import LONDON
from tests.benchmarks.peers.hearing import PeerInbox

BATCH = 1000
Row = TypeVar("Row", ReferralRow, RequestRow, AttendanceRow)


class Heard(BaseModel):
    """An event of either stream."""

    id: UUID
    type: str
    partitionkey: UUID
    time: datetime
    pcn: str | None = None
    data: dict[str, Any]


class Book:
    """The rows that a batch is about: those there, and those it makes."""

    def __init__(
        self, referrals: Sequence[ReferralRow], requests: Sequence[RequestRow], attendance: Sequence[AttendanceRow]
    ) -> None:
        """By their keys."""
        self.referrals = {row.referral_id: row for row in referrals}
        self.requests = {row.request_id: row for row in requests}
        self.attendance = {(row.request_id, row.held_on): row for row in attendance}

    @classmethod
    async def of(cls, session: AsyncSession, events: Sequence[Heard]) -> Book:
        """Three questions a batch."""
        about = {event.partitionkey for event in events}
        asked = {UUID(event.data["prescription_id"]) for event in events if "prescription_id" in event.data}
        came = {_day(event) for event in events if "attended" in event.data}
        day = tuple_(col(AttendanceRow.request_id), col(AttendanceRow.held_on))
        return cls(
            (await session.exec(select(ReferralRow).where(col(ReferralRow.referral_id).in_(about)))).all(),
            (await session.exec(select(RequestRow).where(col(RequestRow.request_id).in_(asked)))).all(),
            (await session.exec(select(AttendanceRow).where(day.in_(came)))).all() if came else (),
        )

    def enter(self, event: Heard) -> None:
        """What the event says."""
        key = event.partitionkey
        referral = self.referrals.setdefault(key, ReferralRow(referral_id=key))
        if entry := ENTRIES.get(event.type):
            entry(self, referral, event)

    def request_of(self, event: Heard) -> RequestRow:
        id_ = UUID(event.data["prescription_id"])
        return self.requests.setdefault(id_, RequestRow(request_id=id_, referral_id=event.partitionkey))


def _day(event: Heard) -> tuple[UUID, date]:
    return UUID(event.data["prescription_id"]), date.fromisoformat(event.data["held_on"])


def _first(known: datetime | None, heard: datetime) -> datetime:
    return min(known, heard) if known else heard


def _created(_: Book, referral: ReferralRow, event: Heard) -> None:
    referral.made_on = event.time.astimezone(LONDON).date()
    referral.practice, referral.reason_group = event.data.get("practice"), event.data["reason_group"]
    referral.pcn = referral.pcn or event.pcn


def _allocated(_: Book, referral: ReferralRow, event: Heard) -> None:
    referral.pcn = event.pcn or referral.pcn


def _contacted(_: Book, referral: ReferralRow, event: Heard) -> None:
    if event.data["outcome"] == "reached":
        referral.reached = _first(referral.reached, event.time)


def _held(_: Book, referral: ReferralRow, event: Heard) -> None:
    referral.reached = _first(referral.reached, event.time)
    referral.session = _first(referral.session, event.time)


def _prescribed(book: Book, referral: ReferralRow, event: Heard) -> None:
    request = book.request_of(event)
    request.asked = _first(request.asked, event.time)
    referral.prescribed = _first(referral.prescribed, event.time)


def _accepted(book: Book, referral: ReferralRow, event: Heard) -> None:
    request = book.request_of(event)
    if request.answer_at is None or event.time >= request.answer_at:
        request.answer, request.answer_at = "accepted", event.time
    request.answered = _first(request.answered, event.time)
    request.accepted = _first(request.accepted, event.time)
    referral.answered = _first(referral.answered, event.time)
    referral.accepted = _first(referral.accepted, event.time)


def _attended(book: Book, referral: ReferralRow, event: Heard) -> None:
    request, day, attended = book.request_of(event), _day(event), bool(event.data["attended"])
    known = book.attendance.get(day)
    if known is None:
        said = AttendanceRow(request_id=day[0], held_on=day[1], attended=attended, said_at=event.time)
        book.attendance[day] = said
    elif event.time >= known.said_at:
        known.attended, known.said_at = attended, event.time
    if attended:
        request.accepted = _first(request.accepted, event.time)
        request.attended = _first(request.attended, event.time)
        referral.accepted = _first(referral.accepted, event.time)
        referral.attended = _first(referral.attended, event.time)


ENTRIES: dict[str, Callable[[Book, ReferralRow, Heard], None]] = {
    "kith.referral-created.v1": _created,
    "kith.referral-allocated.v1": _allocated,
    "kith.contact-attempted.v1": _contacted,
    "kith.session-completed.v1": _held,
    "kith.activity-prescribed.v1": _prescribed,
    "kith.place-accepted.v1": _accepted,
    "kith.attendance-recorded.v1": _attended,
}


async def projecting(dsn: str, kafka: str, topics: list[str], group: str) -> None:
    """Hear until ended."""
    engine = create_async_engine(dsn)
    broker = KafkaBroker(kafka, logger=None)

    @broker.subscriber(
        *topics,
        group_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        batch=True,
        max_records=BATCH,
        batch_timeout_ms=10,
    )
    async def on_batch(events: list[Heard]) -> None:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            ids = [{"event_id": event.id} for event in events]
            noted = insert(PeerInbox).values(ids).on_conflict_do_nothing().returning(col(PeerInbox.event_id))
            new = set((await session.exec(noted)).scalars())
            book = await Book.of(session, events)
            for event in events:
                if event.id in new:
                    book.enter(event)
            session.add_all([*book.referrals.values(), *book.requests.values(), *book.attendance.values()])

    await FastStream(broker, logger=None).run()
