"""Who works in the network: compared with what a staff file says, and written where it differs."""

from dataclasses import dataclass

from sqlmodel import select

from services.referral.store.network_rows import StaffRow
from shared.runtime.ids import new_id
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff as a file states them."""

    subject: str
    name: str
    roles: frozenset[str]
    organisations: frozenset[str]
    email: str
    phone: str


async def known_staff(tx: Tx) -> dict[str, Member]:
    """Everybody we hold, by subject."""
    rows = (await tx.session.exec(select(StaffRow))).all()
    return {row.subject: _member(row) for row in rows}


def _member(row: StaffRow) -> Member:
    return Member(row.subject, row.name, frozenset(row.roles), frozenset(row.organisations), row.email, row.phone)


async def write_member(tx: Tx, member: Member) -> StaffRow:
    """Add them, or write them over what we held; load limit, languages and cases stay. Their contact is stated anew."""
    row = await tx.session.get(StaffRow, member.subject)
    if row is None:
        row = StaffRow(subject=member.subject, name="", contact_id=new_id(), contact_version=0)
    row.name, row.email, row.phone = member.name, member.email, member.phone
    row.roles, row.organisations = sorted(member.roles), sorted(member.organisations)
    row.contact_version += 1
    tx.session.add(row)
    await tx.session.flush()
    return row
