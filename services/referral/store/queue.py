"""Lists of referrals as their readers need them: the team lead's queue, and what a practice has referred."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ColumnExpressionArgument, case, tuple_
from sqlmodel import col, func, select

from services.referral.domain.person import Person
from services.referral.domain.referral import WAITING, Referral, Urgency
from services.referral.store.people import to_person
from services.referral.store.referrals import to_referral, visible_to
from services.referral.store.rows import PersonRow, ReferralRow
from shared.runtime.store import Tx

PAGE = 25
OLDEST_FIRST = (col(ReferralRow.made_at), col(ReferralRow.id))
URGENT_FIRST = (case((col(ReferralRow.urgency) == Urgency.URGENT, 0), else_=1), *OLDEST_FIRST)


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list: a referral and whom it is about."""

    referral: Referral
    person: Person


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list, how long the whole list is, and the reference after which the next page starts."""

    rows: Sequence[Listed]
    total: int
    next: str | None


async def waiting(tx: Tx, after: str | None = None, *, pcn: str | None = None, borough: bool = False) -> Page:
    """What waits for a team lead's decision, urgent first, then longest waiting; one network's or the borough queue's
    when asked."""
    where = [visible_to(tx.actor), col(ReferralRow.status).in_(list(WAITING))]
    if pcn:
        where.append(col(ReferralRow.pcn) == pcn)
    if borough:
        where.append(col(ReferralRow.pcn).is_(None))
    total = await _count(tx, where)
    if last := await _last(tx, after):
        rank = 0 if last.urgency == Urgency.URGENT else 1
        where.append(tuple_(*URGENT_FIRST) > (rank, last.made_at, last.id))
    return await _page(tx, where, URGENT_FIRST, total)


async def mine(tx: Tx, after: str | None = None) -> Page:
    """What the caller's practices have referred, newest first."""
    where = [visible_to(tx.actor)]
    total = await _count(tx, where)
    if last := await _last(tx, after):
        where.append(tuple_(*OLDEST_FIRST) < (last.made_at, last.id))
    return await _page(tx, where, tuple(part.desc() for part in OLDEST_FIRST), total)


async def _count(tx: Tx, where: list[ColumnElement[bool]]) -> int:
    return (await tx.session.exec(select(func.count()).select_from(ReferralRow).where(*where))).one()


async def _last(tx: Tx, reference: str | None) -> ReferralRow | None:
    """The last row of the page before; an unknown one starts the list anew."""
    wanted = select(ReferralRow).where(col(ReferralRow.reference) == reference, visible_to(tx.actor))
    return (await tx.session.exec(wanted)).one_or_none() if reference else None


async def _page(
    tx: Tx, where: list[ColumnElement[bool]], order: tuple[ColumnExpressionArgument[Any], ...], total: int
) -> Page:
    joined = select(ReferralRow, PersonRow).join(PersonRow, col(PersonRow.id) == col(ReferralRow.person_id))
    found = (await tx.session.exec(joined.where(*where).order_by(*order).limit(PAGE + 1))).all()
    rows = [Listed(to_referral(referral), to_person(person)) for referral, person in found[:PAGE]]
    return Page(rows, total, rows[-1].referral.reference if len(found) > PAGE else None)
