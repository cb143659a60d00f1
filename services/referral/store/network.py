"""Reading the network: which practice belongs where, what it is called, and how its people are reached."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import col, select

from services.referral.domain.network import Kind, Standing
from services.referral.store.network_rows import OrganisationRow, StaffRow
from shared.events.envelope import ContactRef
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation as a list offers it."""

    code: str
    name: str


async def open_practices(tx: Tx, codes: Collection[str] | None = None) -> list[Named]:
    """Practices that take referrals, by name: all of the network's, or those of the codes given."""
    row = OrganisationRow
    wanted = select(row.code, row.name).where(row.kind == Kind.PRACTICE, row.standing != Standing.CLOSED)
    if codes is not None:
        wanted = wanted.where(col(row.code).in_(list(codes)))
    return [Named(code, name) for code, name in (await tx.session.exec(wanted.order_by(row.name, row.code))).all()]


async def networks(tx: Tx, codes: Collection[str]) -> list[Named]:
    """Which of these codes are primary care networks, by name."""
    row = OrganisationRow
    wanted = select(row.code, row.name).where(row.kind == Kind.PCN, col(row.code).in_(list(codes)))
    return [Named(code, name) for code, name in (await tx.session.exec(wanted.order_by(row.name, row.code))).all()]


async def names_of(tx: Tx, codes: Collection[str | None]) -> dict[str, str]:
    """Organisations' names by code; a code we do not hold is missing."""
    row = OrganisationRow
    wanted = select(row.code, row.name).where(col(row.code).in_([code for code in codes if code]))
    return dict((await tx.session.exec(wanted)).all())


async def staff_names(tx: Tx, subjects: Collection[str | None]) -> dict[str, str]:
    """Staff members' names by subject."""
    wanted = select(StaffRow.subject, StaffRow.name).where(col(StaffRow.subject).in_([s for s in subjects if s]))
    return dict((await tx.session.exec(wanted)).all())


async def staff_contact(tx: Tx, subject: str | None) -> ContactRef | None:
    """How to reach a member of staff, by id and version."""
    row = await tx.session.get(StaffRow, subject) if subject else None
    return ContactRef(contact_id=row.contact_id, version=row.contact_version) if row else None


async def organisation_contact(tx: Tx, code: str | None) -> ContactRef | None:
    """How to reach an organisation, by id and version."""
    row = await tx.session.get(OrganisationRow, code) if code else None
    return ContactRef(contact_id=row.contact_id, version=row.contact_version) if row else None
