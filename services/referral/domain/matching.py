"""Is this person already supported in the network? Asked of keyed hashes, so that nobody can be looked up in them."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.referral.domain.person import PersonDetails, folded

# Namesakes born on one day at one postcode are rare, but twins are named after one grandfather: each has a key of
# their own, so that the store can keep every key to one open referral.
NAMESAKES = 5


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """What a person is known by: their NHS number where we have it, and name with birth date and postcode."""

    nhs: bytes | None
    demographics: tuple[bytes, ...]

    @property
    def all(self) -> tuple[bytes, ...]:
        return (self.nhs, *self.demographics) if self.nhs else self.demographics


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """One key of an open referral. `numbered`: that referral has an NHS number among its keys."""

    hash: bytes
    referral_id: UUID
    numbered: bool


@dataclass(frozen=True, slots=True)
class Match:
    """An open referral of this person: certainly (by NHS number), or perhaps (a namesake born on that day there)."""

    referral_id: UUID
    certain: bool


def keys_of(person: PersonDetails, secret: bytes) -> PersonKeys:
    """The person's keys under the network's secret; case, accents, spaces and punctuation make no difference."""
    name = folded(person.given_name) + " " + folded(person.family_name)
    who = (name, person.born_on.isoformat(), folded(person.postcode))
    return PersonKeys(
        nhs=_keyed(secret, "nhs", person.nhs_number) if person.nhs_number else None,
        demographics=tuple(_keyed(secret, "demographics", *who, str(n)) for n in range(NAMESAKES)),
    )


def _keyed(secret: bytes, *parts: str) -> bytes:
    return hmac.digest(secret, "\x1f".join(parts).encode(), "sha256")


def matches(keys: PersonKeys, entries: Collection[OpenEntry]) -> tuple[Match, ...]:
    """Who this may be. Two NHS numbers that differ are two people, whatever their names."""
    certain = [e.referral_id for e in entries if e.hash == keys.nhs]
    if certain:
        return (Match(certain[0], certain=True),)
    namesakes = (e for e in entries if e.hash in keys.demographics and not (keys.nhs and e.numbered))
    return tuple(Match(e.referral_id, certain=False) for e in namesakes)


def free_keys(keys: PersonKeys, entries: Collection[OpenEntry]) -> tuple[bytes, ...]:
    """The keys a new open referral of this person takes: the NHS number's and the first namesake's place left."""
    taken = {entry.hash for entry in entries}
    place = next((key for key in keys.demographics if key not in taken), None)
    return tuple(key for key in (keys.nhs, place) if key)
