"""The person being supported: who they are, how they may be reached and when it is safe to."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")


class Channel(StrEnum):
    """A way of reaching the person that they said is safe."""

    EMAIL = "email"
    TEXT = "text"
    CALL = "call"
    LETTER = "letter"
    THROUGH_SOMEONE = "through-someone"


class NotifyBy(StrEnum):
    """How we write to the person by ourselves: an email, a letter, or not at all."""

    EMAIL = "email"
    LETTER = "letter"
    NONE = "none"


class MayKnow(StrEnum):
    """Who may know that the person is supported, besides the team itself."""

    GP_PRACTICE = "gp-practice"
    FAMILY_OR_CARER = "family-or-carer"
    GROUPS = "groups"
    OTHER_PROFESSIONALS = "other-professionals"


@dataclass(frozen=True, slots=True)
class ContactRules:
    """How and when we may reach the person. What nobody said is safe is not."""

    channels: frozenset[Channel] = frozenset()
    notify_by: NotifyBy = NotifyBy.NONE
    unsafe: bool = False
    voicemail_safe: bool = False
    safe_times: str = ""
    do_not: str = ""
    through: str = ""


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """Everything we hold about who a person is. `nhs_number` is ten digits or None; `born_on` is a date of birth."""

    given_name: str
    family_name: str
    born_on: date
    nhs_number: str | None = None
    known_as: str = ""
    address_lines: tuple[str, ...] = ()
    no_fixed_address: bool = False
    postcode: str = ""
    phone: str = ""
    email: str = ""
    contact: ContactRules = field(default_factory=ContactRules)
    language: str = ""
    interpreter: str = ""
    adjustments: str = ""
    may_know: frozenset[MayKnow] = frozenset()
    safety_note: str = ""
    safety_asked_on: date | None = None

    @property
    def name(self) -> str:
        """As we greet them and head their pages."""
        return f"{self.known_as or self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Person:
    """A person on our books; `contact_version` counts what was said about how to reach them."""

    id: UUID
    version: int
    details: PersonDetails
    contact_id: UUID
    contact_version: int


def age_on(born_on: date, day: date) -> int:
    """Full years lived."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def tidy_postcode(text: str) -> str | None:
    """ "rm176aa" becomes "RM17 6AA"; None when it cannot be one."""
    compact = re.sub(r"[^A-Z0-9]", "", text.upper())
    return f"{compact[:-3]} {compact[-3:]}" if POSTCODE.fullmatch(compact) else None


def folded(text: str) -> str:
    """Letters and digits alone, without case or accents, so that one name written two ways is one name."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())
