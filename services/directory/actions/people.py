"""Who answers for a provider, and how Kith's messages reach them: details go out sealed, for notifications alone."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from services.directory.actions.announcing import announce
from services.directory.domain.activity import Change
from services.directory.store.activities import activities_of
from services.directory.store.providers import contact_ref, people, people_of, providers
from services.directory.store.rows import ProviderPersonRow, ProviderRow
from shared.backbone.outbox import record_contact
from shared.events.contact import ContactDetails
from shared.events.streams import DIRECTORY_CONTACTS
from shared.events.vocabulary import Channel
from shared.runtime.actor import Role
from shared.runtime.imports import Parsed, Reject, Tally
from shared.runtime.staff_file import StaffRow
from shared.runtime.store import Tx


async def import_people(tx: Tx, parsed: Parsed[StaffRow], key: X25519PublicKey, at: datetime) -> Tally:
    """Take in the providers' people of a staff file; other roles, and rows that cannot be read, are referral's to tell.

    Nobody is taken in for a provider that has no listing: they would see nothing and not know why.
    """
    known, held, tally, touched = await providers(tx), await people(tx), Tally(), set[str]()
    for row in parsed.rows:
        if row.role is not Role.PROVIDER:
            continue
        if missing := [each for each in row.organisations if each not in known]:
            tally.rejects.append(Reject(row.row, row.subject, f"we hold no provider {', '.join(missing)}"))
            continue
        before = held.get(row.subject)
        if before is not None and _says(before) == _said(row):
            tally.unchanged += 1
            continue
        touched.update(row.organisations, before.providers if before else ())
        _write(tx, before, row)
        tally.added, tally.changed = tally.added + (before is None), tally.changed + (before is not None)
    await tx.session.flush()
    for provider in sorted(touched):
        await _state_contact(tx, known[provider], key, at)
    return tally


def _says(held: ProviderPersonRow) -> tuple[str, tuple[str, ...], str, str]:
    return held.name, tuple(held.providers), held.email, held.phone


def _said(row: StaffRow) -> tuple[str, tuple[str, ...], str, str]:
    return row.name, row.organisations, row.email, row.phone


def _write(tx: Tx, held: ProviderPersonRow | None, row: StaffRow) -> None:
    written = held or ProviderPersonRow(subject=row.subject, name=row.name)
    written.name, written.providers = row.name, list(row.organisations)
    written.email, written.phone = row.email, row.phone
    tx.session.add(written)


async def _state_contact(tx: Tx, provider: ProviderRow, key: X25519PublicKey, at: datetime) -> None:
    """The provider is reached through the first of its people who has an email; its listings name the new version."""
    found = [person for person in await people_of(tx, provider.id) if person.email]
    details = _details(provider, found[0]) if found else None
    if details is None and not provider.contact_version:
        return
    provider.contact_version += 1
    tx.session.add(provider)
    await tx.session.flush()
    stream, version = DIRECTORY_CONTACTS, provider.contact_version
    await record_contact(tx, stream, details, contact_id=provider.contact_id, version=version, time=at, public_key=key)
    for activity in await activities_of(tx, [provider.id]):
        await announce(tx, Change.REVISED, activity, contact_ref(provider), at)


def _details(provider: ProviderRow, person: ProviderPersonRow) -> ContactDetails:
    return ContactDetails(
        kind="provider",
        what_to_call=person.name,
        full_name=person.name,
        notify_by=Channel.EMAIL,
        email=person.email,
        phone=person.phone or None,
    )
