"""Providers and their people, and how notifications may reach them."""

from collections.abc import Mapping

from sqlalchemy import any_, literal
from sqlmodel import col, select

from services.directory.store.rows import ProviderPersonRow, ProviderRow
from shared.events.envelope import ContactRef
from shared.runtime.ids import new_id
from shared.runtime.store import Tx


async def providers(tx: Tx) -> dict[str, ProviderRow]:
    """Every provider by id."""
    return {row.id: row for row in (await tx.session.exec(select(ProviderRow))).all()}


async def name_providers(tx: Tx, names: Mapping[str, str]) -> None:
    """Bring the providers' names up to these, and take in those we do not hold."""
    held = await providers(tx)
    for key, name in names.items():
        if key not in held:
            tx.session.add(ProviderRow(id=key, name=name, contact_id=new_id()))
        elif name and held[key].name != name:
            held[key].name = name
    await tx.session.flush()


async def people(tx: Tx) -> dict[str, ProviderPersonRow]:
    """Every provider's person by subject."""
    return {row.subject: row for row in (await tx.session.exec(select(ProviderPersonRow))).all()}


async def provider_contact(tx: Tx, provider: str) -> ContactRef | None:
    """How to reach the provider, by id and version; None when nobody has said."""
    row = await tx.session.get(ProviderRow, provider) if provider else None
    return contact_ref(row) if row else None


def contact_ref(row: ProviderRow) -> ContactRef | None:
    return ContactRef(contact_id=row.contact_id, version=row.contact_version) if row.contact_version else None


async def people_of(tx: Tx, provider: str) -> list[ProviderPersonRow]:
    """The provider's people in the order of their subjects."""
    wanted = select(ProviderPersonRow).where(literal(provider) == any_(col(ProviderPersonRow.providers)))
    return list((await tx.session.exec(wanted.order_by(ProviderPersonRow.subject))).all())
