"""People, to and from their row."""

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


def columns_of_person(person: Person) -> dict[str, Any]:
    """A person's row, by column."""
    details, rules = person.details, person.details.contact
    return {
        "id": person.id,
        "version": person.version,
        "contact_id": person.contact_id,
        "contact_version": person.contact_version,
        "address_lines": list(details.address_lines),
        "channels": sorted(rules.channels),
        "notify_by": rules.notify_by,
        "may_know": sorted(details.may_know),
        **{name: getattr(details, name) for name in PLAIN},
        **{name: getattr(rules, name) for name in RULES},
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
