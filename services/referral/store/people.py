"""People, to and from their row."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.referral.domain.person import Channel, ContactRules, MayKnow, NotifyBy, Person, PersonDetails
from services.referral.store.rows import PersonRow
from shared.runtime.store import Tx

RULES = ("unsafe", "voicemail_safe", "safe_times", "do_not", "through")
PLAIN = (
    "given_name",
    "family_name",
    "born_on",
    "nhs_number",
    "known_as",
    "no_fixed_address",
    "postcode",
    "phone",
    "email",
    "language",
    "interpreter",
    "adjustments",
    "safety_note",
    "safety_asked_on",
)


def _columns(person: Person) -> dict[str, Any]:
    details, rules = asdict(person.details), person.details.contact
    return {
        "contact_version": person.contact_version,
        "address_lines": list(person.details.address_lines),
        "channels": sorted(rules.channels),
        "notify_by": rules.notify_by,
        "may_know": sorted(person.details.may_know),
        **{name: details[name] for name in PLAIN},
        **{name: details["contact"][name] for name in RULES},
    }


def to_person(row: PersonRow) -> Person:
    rules = ContactRules(
        channels=frozenset(Channel(c) for c in row.channels),
        notify_by=NotifyBy(row.notify_by),
        **{name: getattr(row, name) for name in RULES},
    )
    details = PersonDetails(
        address_lines=tuple(row.address_lines),
        may_know=frozenset(MayKnow(m) for m in row.may_know),
        contact=rules,
        **{name: getattr(row, name) for name in PLAIN},
    )
    return Person(row.id, row.version, details, row.contact_id, row.contact_version)


async def load_person(tx: Tx, person_id: UUID) -> Person:
    """The person of a referral that the caller has loaded, and so may see."""
    return to_person(await tx.session.get_one(PersonRow, person_id, populate_existing=True))


async def add_person(tx: Tx, person: Person) -> None:
    """Written at once, since rows without relationships are not put in order for us."""
    tx.session.add(PersonRow(id=person.id, version=person.version, contact_id=person.contact_id, **_columns(person)))
    await tx.session.flush()
