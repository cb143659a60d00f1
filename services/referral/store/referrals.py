"""Referrals, to and from their row: every read is scoped by who asks."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true, update
from sqlmodel import col, select

from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.reasons import reason_of
from services.referral.domain.referral import Closure, Decline, Referral, ReferralNotFound, Route, Status, Urgency
from services.referral.store.rows import ReferralRow
from shared.runtime.actor import Actor, Role
from shared.runtime.store import StaleVersion, Tx

PLAIN = (
    "id",
    "reference",
    "person_id",
    "pcn",
    "practice",
    "other_reason",
    "what_matters",
    "made_by",
    "made_at",
    "weight",
    "link_worker",
    "allocated_at",
    "decline_words",
    "ended_at",
)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Which referrals the actor may see at all: their networks' for link workers and leads (and the borough queue for
    leads), their practice's own for referrers, every one for the service itself, none for anyone else."""
    if actor.may(Role.SYSTEM):
        return true()
    row, organisations = ReferralRow, list(actor.organisations)
    parts: list[ColumnElement[bool]] = [false()]
    if actor.may(Role.LINK_WORKER, Role.TEAM_LEAD):
        parts.append(col(row.pcn).in_(organisations))
    if actor.may(Role.TEAM_LEAD):
        parts.append(col(row.pcn).is_(None))
    if actor.may(Role.REFERRER):
        parts.append(and_(col(row.practice).in_(organisations), col(row.route) == Route.PRACTICE))
    return or_(*parts)


def to_referral(row: ReferralRow) -> Referral:
    return Referral(
        version=row.version,
        status=Status(row.status),
        route=Route(row.route),
        urgency=Urgency(row.urgency),
        reasons=tuple(reason_of(code) for code in row.reasons),
        agreement=Agreement(Basis(row.agreement_basis), row.agreement_by, row.agreement_reason),
        decline=Decline(row.decline) if row.decline else None,
        closure=Closure(row.closure) if row.closure else None,
        **{name: getattr(row, name) for name in PLAIN},
    )


def columns_of_referral(referral: Referral) -> dict[str, Any]:
    """A referral's row, by column."""
    return {
        "version": referral.version,
        "status": referral.status,
        "route": referral.route,
        "urgency": referral.urgency,
        "reasons": [str(reason) for reason in referral.reasons],
        "agreement_basis": referral.agreement.basis,
        "agreement_by": referral.agreement.by,
        "agreement_reason": referral.agreement.reason,
        "decline": referral.decline,
        "closure": referral.closure,
        **{name: getattr(referral, name) for name in PLAIN},
    }


async def load_referral(tx: Tx, reference: str) -> Referral:
    """The referral as it stands, or ReferralNotFound when there is none or it is not the caller's to see."""
    wanted = select(ReferralRow).where(col(ReferralRow.reference) == reference, visible_to(tx.actor))
    row = (await tx.session.exec(wanted.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise ReferralNotFound
    return to_referral(row)


async def save_referral(tx: Tx, referral: Referral, *, expected: int | None = None) -> Referral:
    """Write a changed referral over the version that was read (or the one the form was drawn from, `expected`);
    StaleVersion when someone was faster."""
    read = referral.version if expected is None else expected
    where = (col(ReferralRow.id) == referral.id, col(ReferralRow.version) == read)
    changed = update(ReferralRow).where(*where).values({**columns_of_referral(referral), "version": read + 1})
    if (await tx.session.exec(changed)).rowcount != 1:
        raise StaleVersion
    return replace(referral, version=read + 1)
