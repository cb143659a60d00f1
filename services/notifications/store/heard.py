"""What has been heard of contacts, referrals, requests, activities and organisations: the newest of each."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from uuid import UUID

import msgspec
from sqlmodel import col, select

from services.notifications.domain.contact import Contact, ContactAt, NotifyBy
from services.notifications.domain.news import as_kept
from services.notifications.domain.preparing import Activity, Referral, Request
from services.notifications.store.rows import ActivityRow, ContactRow, OrganisationRow, ReferralRow, RequestRow
from shared.runtime.store import Tx

# A rebuilt or repeated stream may bring an older version after a newer one; it changes nothing.
_KEEP_CONTACTS = """
INSERT INTO contact AS held (contact_id, version, what_to_call, full_name, email, address_lines, postcode, notify_by,
                             unsafe, large_print, erased)
SELECT DISTINCT ON (contact_id) contact_id, version, what_to_call, full_name, email, address_lines, postcode, notify_by,
       unsafe, large_print, erased
FROM jsonb_populate_recordset(CAST(NULL AS contact), CAST(:said AS jsonb))
ORDER BY contact_id, version DESC
ON CONFLICT (contact_id) DO UPDATE
SET version = excluded.version, what_to_call = excluded.what_to_call, full_name = excluded.full_name,
    email = excluded.email, address_lines = excluded.address_lines, postcode = excluded.postcode,
    notify_by = excluded.notify_by, unsafe = excluded.unsafe, large_print = excluded.large_print,
    erased = excluded.erased
WHERE excluded.version > held.version
"""
_ERASE_CONTACTS = """
INSERT INTO contact AS held (contact_id, version, what_to_call, full_name, email, address_lines, postcode, notify_by,
                             unsafe, large_print, erased)
SELECT DISTINCT contact_id, 0, '', '', '', CAST('{}' AS text[]), '', 'none', false, false, true
FROM unnest(CAST(:contacts AS uuid[])) AS contact_id
ORDER BY contact_id
ON CONFLICT (contact_id) DO UPDATE
SET what_to_call = '', full_name = '', email = '', address_lines = '{}', postcode = '', notify_by = 'none',
    unsafe = false, large_print = false, erased = true
"""
_KEEP_REFERRALS = """
INSERT INTO referral AS held (referral_id, reference, pcn, person_contact, person_version, referrer_contact,
                              referrer_version, link_worker_contact, link_worker_version, referrer_follows)
SELECT referral_id, reference, pcn, person_contact, person_version, referrer_contact,
       referrer_version, link_worker_contact, link_worker_version, referrer_follows
FROM jsonb_populate_recordset(CAST(NULL AS referral), CAST(:said AS jsonb))
ORDER BY referral_id
ON CONFLICT (referral_id) DO UPDATE
SET pcn = excluded.pcn, person_contact = excluded.person_contact, person_version = excluded.person_version,
    referrer_contact = excluded.referrer_contact, referrer_version = excluded.referrer_version,
    link_worker_contact = excluded.link_worker_contact, link_worker_version = excluded.link_worker_version,
    referrer_follows = excluded.referrer_follows
"""


async def keep_contacts(tx: Tx, said: Iterable[Contact]) -> None:
    """Keep each one's details unless newer ones are held."""
    await tx.run(_KEEP_CONTACTS, said=_json(map(asdict, said)))


async def erase_contacts(tx: Tx, contacts: Iterable[UUID]) -> None:
    """Empty their details and remember only that they are erased."""
    await tx.run(_ERASE_CONTACTS, contacts=list(contacts))


def _json(rows: Iterable[Mapping[str, object]]) -> str:
    return msgspec.json.encode(list(rows)).decode()


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
    return _referral(row) if row else None


def _referral(row: ReferralRow) -> Referral:
    person = ContactAt(row.person_contact, row.person_version)
    referrer = _at(row.referrer_contact, row.referrer_version)
    worker = _at(row.link_worker_contact, row.link_worker_version)
    return Referral(row.referral_id, row.reference, row.pcn or "", person, referrer, worker, row.referrer_follows)


async def references(tx: Tx, referral_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The references of referrals, by id."""
    found = select(ReferralRow).where(col(ReferralRow.referral_id).in_(set(referral_ids)))
    return {row.referral_id: row.reference for row in (await tx.session.exec(found)).all()}


async def keep_referrals(tx: Tx, said: list[Referral]) -> None:
    """Keep what events say of referrals; what they are silent about stays."""
    found = select(ReferralRow).where(col(ReferralRow.referral_id).in_({one.referral_id for one in said}))
    held = {row.referral_id: _referral(row) for row in (await tx.session.exec(found)).all()}
    await tx.run(_KEEP_REFERRALS, said=_json(_columns(kept) for kept in as_kept(held, said).values()))


def _columns(referral: Referral) -> dict[str, object]:
    people = {"person": referral.person, "referrer": referral.referrer, "link_worker": referral.link_worker}
    return {
        "referral_id": referral.referral_id,
        "reference": referral.reference,
        "pcn": referral.pcn or None,
        "referrer_follows": bool(referral.referrer_follows),
        **{f"{who}_contact": at and at.contact_id for who, at in people.items()},
        **{f"{who}_version": at and at.version for who, at in people.items()},
    }


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
