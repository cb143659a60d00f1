"""Saying how somebody is reached: sealed, on the one stream that only notifications may read."""

from datetime import datetime

from services.referral.actions.keys import Keys
from services.referral.domain.person import Person, PersonDetails
from services.referral.store.network_rows import OrganisationRow, StaffRow
from shared.backbone.outbox import Said, record_contact, say_contact
from shared.events.contact import ContactDetails
from shared.events.envelope import ContactRef
from shared.events.streams import REFERRAL_CONTACTS
from shared.events.vocabulary import Channel
from shared.runtime.actor import Role
from shared.runtime.ids import new_id
from shared.runtime.store import AnyTx, Tx


def contact_of(person: Person) -> ContactRef:
    """The person by contact id and version: all that an event carries of them."""
    return ContactRef(contact_id=person.contact_id, version=person.contact_version)


def say_person(tx: AnyTx, details: PersonDetails, keys: Keys, at: datetime) -> tuple[ContactRef, Said]:
    """How the person is reached, and whether they may be at all, as a contact of its own: its id and version, and what
    is to be recorded of it."""
    rules, ref = details.contact, ContactRef(contact_id=new_id(), version=1)
    contact = ContactDetails(
        kind="person",
        what_to_call=details.known_as or details.given_name,
        full_name=f"{details.given_name} {details.family_name}",
        notify_by=Channel(rules.notify_by),
        unsafe=rules.unsafe,
        email=details.email or None,
        phone=details.phone or None,
        address_lines=details.address_lines,
        postcode=details.postcode or None,
        large_print="large print" in details.adjustments.casefold(),
    )
    return ref, say_contact(
        tx,
        REFERRAL_CONTACTS,
        contact,
        contact_id=ref.contact_id,
        version=ref.version,
        time=at,
        public_key=keys.contact,
    )


async def state_staff(tx: Tx, staff: StaffRow, keys: Keys, at: datetime) -> None:
    """How a member of staff is reached: by the email they work with."""
    contact = ContactDetails(
        kind="referrer" if Role.REFERRER in staff.roles else "link-worker",
        what_to_call=staff.name,
        full_name=staff.name,
        notify_by=Channel.EMAIL if staff.email else Channel.NONE,
        email=staff.email or None,
        phone=staff.phone or None,
    )
    await _record(tx, contact, ContactRef(contact_id=staff.contact_id, version=staff.contact_version), keys, at)


async def state_organisation(tx: Tx, row: OrganisationRow, keys: Keys, at: datetime) -> None:
    """How a practice or a network is reached: the national list gives an address, so by letter."""
    by_letter = bool(row.address_lines and row.postcode)
    contact = ContactDetails(
        kind="referrer",
        what_to_call=row.name,
        full_name=row.name,
        notify_by=Channel.LETTER if by_letter else Channel.NONE,
        phone=row.phone or None,
        address_lines=tuple(row.address_lines),
        postcode=row.postcode or None,
    )
    await _record(tx, contact, ContactRef(contact_id=row.contact_id, version=row.contact_version), keys, at)


async def _record(tx: Tx, contact: ContactDetails, ref: ContactRef, keys: Keys, at: datetime) -> None:
    await record_contact(
        tx,
        REFERRAL_CONTACTS,
        contact,
        contact_id=ref.contact_id,
        version=ref.version,
        time=at,
        public_key=keys.contact,
    )
