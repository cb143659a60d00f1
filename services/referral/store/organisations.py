"""Practices, networks and who belongs to whom: compared with what a file says, and written where it differs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete
from sqlmodel import col, select

from services.referral.domain.network import Kind, Membership, Standing
from services.referral.store.network_rows import MembershipRow, OrganisationRow
from shared.runtime.ids import new_id
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Organisation:
    """A practice or a network as a published file states it; `memberships` are a practice's."""

    code: str
    kind: Kind
    name: str
    standing: Standing
    address_lines: tuple[str, ...]
    postcode: str
    phone: str
    opened: date | None
    closed: date | None
    memberships: frozenset[Membership] = frozenset()


async def known_organisations(tx: Tx) -> dict[str, Organisation]:
    """Everything we hold, by code."""
    memberships = (await tx.session.exec(select(MembershipRow))).all()
    belongs: dict[str, set[Membership]] = {}
    for m in memberships:
        belongs.setdefault(m.practice, set()).add(Membership(m.practice, m.network, m.starts, m.ends))
    rows = (await tx.session.exec(select(OrganisationRow))).all()
    return {row.code: _organisation(row, frozenset(belongs.get(row.code, ()))) for row in rows}


def _organisation(row: OrganisationRow, memberships: frozenset[Membership]) -> Organisation:
    return Organisation(
        code=row.code,
        kind=Kind(row.kind),
        name=row.name,
        standing=Standing(row.standing),
        address_lines=tuple(row.address_lines),
        postcode=row.postcode,
        phone=row.phone,
        opened=row.opened,
        closed=row.closed,
        memberships=memberships,
    )


async def write_organisation(tx: Tx, organisation: Organisation) -> OrganisationRow:
    """Add it, or write it over what we held; its contact is stated anew, so its version goes up."""
    row = await tx.session.get(OrganisationRow, organisation.code)
    if row is None:
        row = OrganisationRow(
            code=organisation.code, kind=organisation.kind, name="", standing="", contact_id=new_id(), contact_version=0
        )
    row.kind, row.name, row.standing = organisation.kind, organisation.name, organisation.standing
    row.address_lines, row.postcode, row.phone = (
        list(organisation.address_lines),
        organisation.postcode,
        organisation.phone,
    )
    row.opened, row.closed = organisation.opened, organisation.closed
    row.contact_version += 1
    tx.session.add(row)
    return row


async def write_memberships(tx: Tx, practice: str, memberships: Collection[Membership]) -> None:
    """The practice's whole history of networks, as the file gives it."""
    await tx.session.exec(delete(MembershipRow).where(col(MembershipRow.practice) == practice))
    for m in memberships:
        row = MembershipRow(id=new_id(), practice=practice, network=m.network, starts=m.starts, ends=m.ends)
        tx.session.add(row)
