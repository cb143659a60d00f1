"""What has been heard of contacts, referrals, requests, activities and organisations: the newest of each."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from uuid import UUID

from sqlmodel import col, select

from services.notifications.domain.contact import Contact, ContactAt, NotifyBy
from services.notifications.domain.preparing import Activity, Referral, Request
from services.notifications.store.rows import ActivityRow, ContactRow, OrganisationRow, ReferralRow, RequestRow
from shared.runtime.store import Tx

# A rebuilt or repeated stream may bring an older version after a newer one; it changes nothing.
_KEEP_CONTACT = """
INSERT INTO contact AS held (contact_id, version, what_to_call, full_name, email, address_lines, postcode, notify_by,
                             unsafe, large_print, erased)
VALUES (:contact_id, :version, :what_to_call, :full_name, :email, :address_lines, :postcode, :notify_by,
        :unsafe, :large_print, :erased)
ON CONFLICT (contact_id) DO UPDATE
SET version = excluded.version, what_to_call = excluded.what_to_call, full_name = excluded.full_name,
    email = excluded.email, address_lines = excluded.address_lines, postcode = excluded.postcode,
    notify_by = excluded.notify_by, unsafe = excluded.unsafe, large_print = excluded.large_print,
    erased = excluded.erased
WHERE excluded.version > held.version
"""
_ERASE_CONTACT = """
INSERT INTO contact AS held (contact_id, version, what_to_call, full_name, email, address_lines, postcode, notify_by,
                             unsafe, large_print, erased)
VALUES (:contact_id, 0, '', '', '', '{}', '', 'none', false, false, true)
ON CONFLICT (contact_id) DO UPDATE
SET what_to_call = '', full_name = '', email = '', address_lines = '{}', postcode = '', notify_by = 'none',
    unsafe = false, large_print = false, erased = true
"""


async def keep_contact(tx: Tx, contact: Contact) -> None:
    """Keep the details unless newer ones are held."""
    await tx.run(_KEEP_CONTACT, **{**asdict(contact), "address_lines": list(contact.address_lines)})


async def erase_contact(tx: Tx, contact_id: UUID) -> None:
    """Empty somebody's details and remember only that they are erased."""
    await tx.run(_ERASE_CONTACT, contact_id=contact_id)


def _contact(row: ContactRow) -> Contact:
    return Contact(
        row.contact_id,
        row.version,
        row.what_to_call,
        row.full_name,
        row.email,
        tuple(row.address_lines),
        row.postcode,
        NotifyBy(row.notify_by),
        row.unsafe,
        row.large_print,
        row.erased,
    )


async def contacts(tx: Tx, ids: Iterable[UUID]) -> Mapping[UUID, Contact]:
    """The details held of these people, by contact id."""
    found = select(ContactRow).where(col(ContactRow.contact_id).in_(set(ids)))
    return {row.contact_id: _contact(row) for row in (await tx.session.exec(found)).all()}


def _at(contact_id: UUID | None, version: int | None) -> ContactAt | None:
    return ContactAt(contact_id, version or 0) if contact_id else None


async def referral(tx: Tx, referral_id: UUID) -> Referral | None:
    """The referral as far as it was heard of."""
    row = await tx.session.get(ReferralRow, referral_id)
    if row is None:
        return None
    person = ContactAt(row.person_contact, row.person_version)
    referrer = _at(row.referrer_contact, row.referrer_version)
    worker = _at(row.link_worker_contact, row.link_worker_version)
    return Referral(referral_id, row.reference, row.pcn or "", person, referrer, worker, row.referrer_follows)


async def references(tx: Tx, referral_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The references of referrals, by id."""
    found = select(ReferralRow).where(col(ReferralRow.referral_id).in_(set(referral_ids)))
    return {row.referral_id: row.reference for row in (await tx.session.exec(found)).all()}


async def keep_referral(tx: Tx, heard: Referral) -> None:
    """Keep what an event says of a referral; what it is silent about stays."""
    row = await tx.session.get(ReferralRow, heard.referral_id)
    if row is None:
        row = ReferralRow(
            referral_id=heard.referral_id,
            reference=heard.reference,
            person_contact=heard.person.contact_id,
            person_version=heard.person.version,
        )
    row.pcn = heard.pcn or row.pcn
    row.person_contact, row.person_version = heard.person.contact_id, heard.person.version
    if heard.referrer:
        row.referrer_contact, row.referrer_version = heard.referrer.contact_id, heard.referrer.version
    if heard.link_worker:
        row.link_worker_contact, row.link_worker_version = heard.link_worker.contact_id, heard.link_worker.version
    if heard.referrer_follows is not None:
        row.referrer_follows = heard.referrer_follows
    tx.session.add(row)


async def request(tx: Tx, request_id: UUID | None) -> Request | None:
    """The request for a place as it was made."""
    row = await tx.session.get(RequestRow, request_id) if request_id else None
    return Request(row.request_id, row.reference, row.activity_id, row.need, row.answer_by) if row else None


async def keep_request(tx: Tx, heard: Request) -> None:
    """Keep a request for a place."""
    await tx.session.merge(RequestRow(**asdict(heard)))


async def activity(tx: Tx, activity_id: UUID | None) -> Activity | None:
    """The activity as it was last listed."""
    row = await tx.session.get(ActivityRow, activity_id) if activity_id else None
    return Activity(row.activity_id, row.name, _at(row.provider_contact, row.provider_version)) if row else None


async def keep_activity(tx: Tx, heard: Activity) -> None:
    """Keep an activity's name and whom to write to."""
    to = heard.provider
    row = ActivityRow(activity_id=heard.activity_id, name=heard.name)
    row.provider_contact, row.provider_version = (to.contact_id, to.version) if to else (None, None)
    await tx.session.merge(row)


async def keep_organisation(tx: Tx, code: str, name: str) -> None:
    """Keep an organisation's name."""
    await tx.session.merge(OrganisationRow(code=code, name=name))


async def organisation_name(tx: Tx, code: str) -> str:
    """The name of a network, or "" when it has not been heard of."""
    row = await tx.session.get(OrganisationRow, code) if code else None
    return row.name if row else ""
