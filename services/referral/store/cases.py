"""Cases as those who carry them may see them: a link worker their own, a team lead all of their networks'."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import col, select

from services.referral.domain.referral import Referral, ReferralNotFound
from services.referral.store.referrals import to_referral
from services.referral.store.rows import ReferralRow
from shared.runtime.actor import Actor, Role
from shared.runtime.store import Tx


def carried_by(actor: Actor) -> ColumnElement[bool]:
    """Which cases the actor may open and work on. Narrower than what they may see in the queue."""
    if actor.may(Role.SYSTEM):
        return true()
    ours = col(ReferralRow.pcn).in_(list(actor.organisations))
    parts: list[ColumnElement[bool]] = [false()]
    if actor.may(Role.TEAM_LEAD):
        parts.append(and_(ours, col(ReferralRow.link_worker).is_not(None)))
    if actor.may(Role.LINK_WORKER):
        parts.append(and_(ours, col(ReferralRow.link_worker) == actor.subject))
    return or_(*parts)


async def load_case(tx: Tx, reference: str, *, change: bool = False) -> Referral:
    """The case, or ReferralNotFound when it is not the caller's. With `change`, one change at a time per case."""
    wanted = select(ReferralRow).where(col(ReferralRow.reference) == reference, carried_by(tx.actor))
    wanted = wanted.execution_options(populate_existing=True)
    row = (await tx.session.exec(wanted.with_for_update() if change else wanted)).one_or_none()
    if row is None:
        raise ReferralNotFound
    return to_referral(row)


async def referral_exists(tx: Tx, referral_id: UUID) -> bool:
    found = await tx.session.exec(select(ReferralRow.id).where(col(ReferralRow.id) == referral_id))
    return found.one_or_none() is not None
