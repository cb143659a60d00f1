"""Requests for places, to and from their row: every read is scoped to the organisations of who asks."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, true, update
from sqlmodel import col, delete, select

from services.directory.domain.needs import NeedGroup
from services.directory.domain.request import UNANSWERED, Attendance, DeclineReason, PlaceRequest, RequestState, Urgency
from services.directory.store.rows import AttendanceRow, PlaceRequestRow
from shared.runtime.actor import Actor, Role
from shared.runtime.store import StaleVersion, Tx

PLAIN = (
    "id",
    "reference",
    "referral",
    "pcn",
    "meets_rules",
    "sent_at",
    "answer_by",
    "seen_at",
    "answered_at",
    "overdue_since",
    "first_date",
    "expected",
    "ended_at",
)


class NoSuchRequest(LookupError):
    """There is no such request, or it is not the caller's to see: both look the same."""

    def __init__(self) -> None:
        super().__init__("There is no request with this reference on your desk")


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """A provider's people see what was sent to their organisations, the service itself everything, others nothing."""
    if actor.may(Role.SYSTEM):
        return true()
    if actor.may(Role.PROVIDER):
        return col(PlaceRequestRow.provider_id).in_(list(actor.organisations))
    return false()


def _to_request(row: PlaceRequestRow, attendances: Sequence[AttendanceRow]) -> PlaceRequest:
    return PlaceRequest(
        activity=row.activity_id,
        provider=row.provider_id,
        need=NeedGroup(row.need),
        urgency=Urgency(row.urgency),
        state=RequestState(row.state),
        reason=DeclineReason(row.reason) if row.reason else None,
        attendances=tuple(Attendance(each.held_on, each.attended) for each in attendances),
        version=row.version,
        **{name: getattr(row, name) for name in PLAIN},
    )


def _columns(request: PlaceRequest) -> dict[str, Any]:
    return {
        "activity_id": request.activity,
        "provider_id": request.provider,
        "need": request.need,
        "urgency": request.urgency,
        "state": request.state,
        "reason": request.reason,
        **{name: getattr(request, name) for name in PLAIN},
    }


async def _found(tx: Tx, *where: ColumnElement[bool], lock: bool = False) -> list[PlaceRequest]:
    wanted = select(PlaceRequestRow).where(*where, visible_to(tx.actor)).execution_options(populate_existing=True)
    wanted = wanted.with_for_update() if lock else wanted
    rows = (await tx.session.exec(wanted.order_by(col(PlaceRequestRow.sent_at), col(PlaceRequestRow.id)))).all()
    came = await _attendances(tx, [row.id for row in rows])
    return [_to_request(row, came[row.id]) for row in rows]


async def _attendances(tx: Tx, requests: Collection[UUID]) -> dict[UUID, list[AttendanceRow]]:
    came: dict[UUID, list[AttendanceRow]] = defaultdict(list)
    wanted = select(AttendanceRow).where(col(AttendanceRow.request_id).in_(requests))
    for row in (await tx.session.exec(wanted.order_by(col(AttendanceRow.held_on)))).all() if requests else ():
        came[row.request_id].append(row)
    return came


async def load_request(tx: Tx, reference: str, *, lock: bool = False) -> PlaceRequest:
    """The request as it stands; with `lock` others who would change it wait. Raises NoSuchRequest."""
    return await _one(tx, col(PlaceRequestRow.reference) == reference, lock=lock)


async def load_request_by_id(tx: Tx, request: UUID) -> PlaceRequest:
    """Likewise by the prescription's id, to be changed: what events and timers name it by."""
    return await _one(tx, col(PlaceRequestRow.id) == request, lock=True)


async def _one(tx: Tx, which: ColumnElement[bool], *, lock: bool) -> PlaceRequest:
    found = await _found(tx, which, lock=lock)
    if not found:
        raise NoSuchRequest
    return found[0]


async def requests_in(tx: Tx, states: Collection[RequestState]) -> list[PlaceRequest]:
    """The caller's requests in any of these states, oldest first."""
    return await _found(tx, col(PlaceRequestRow.state).in_(list(states)))


async def to_answer(tx: Tx) -> int:
    """How many of the caller's requests wait for a first answer."""
    unanswered = col(PlaceRequestRow.state).in_(list(UNANSWERED))
    return (await tx.session.exec(select(func.count()).where(unanswered, visible_to(tx.actor)))).one()


def add_request(tx: Tx, request: PlaceRequest) -> None:
    tx.session.add(PlaceRequestRow(version=request.version, **_columns(request)))


async def save_request(tx: Tx, request: PlaceRequest, *, expected: int | None = None) -> PlaceRequest:
    """Write a changed request over the version that was read (or that its form was drawn from, `expected`)."""
    read = request.version if expected is None else expected
    where = col(PlaceRequestRow.id) == request.id, col(PlaceRequestRow.version) == read
    changed = update(PlaceRequestRow).where(*where).values(**_columns(request), version=read + 1)
    if (await tx.session.exec(changed)).rowcount != 1:
        raise StaleVersion
    await _save_attendances(tx, request)
    return replace(request, version=read + 1)


async def save_mark(tx: Tx, request: PlaceRequest) -> None:
    """Write that it is overdue. The clock leaves the version alone: it must not spoil an answer being typed."""
    where = col(PlaceRequestRow.id) == request.id
    await tx.session.exec(update(PlaceRequestRow).where(where).values(overdue_since=request.overdue_since))


async def _save_attendances(tx: Tx, request: PlaceRequest) -> None:
    await tx.session.exec(delete(AttendanceRow).where(col(AttendanceRow.request_id) == request.id))
    for each in request.attendances:
        tx.session.add(AttendanceRow(request_id=request.id, held_on=each.on, attended=each.attended))
    await tx.session.flush()
