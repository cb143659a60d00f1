"""How somebody may be reached, and which way a message to them takes."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class NotifyBy(StrEnum):
    """The way somebody chose to hear from us."""

    EMAIL = "email"
    LETTER = "letter"
    NONE = "none"


class Channel(StrEnum):
    """The way a message really takes."""

    EMAIL = "email"
    LETTER = "letter"


class Withheld(StrEnum):
    """Why a message is not sent."""

    UNSAFE = "unsafe"
    ASKED_FOR_NONE = "asked-for-none"
    NO_USABLE_WAY = "no-usable-way"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class ContactAt:
    """Which contact a message is for, and the oldest version of its details that may be used."""

    contact_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Contact:
    """The newest details we hold of somebody; `erased` when they asked to be forgotten, and then nothing else is."""

    contact_id: UUID
    version: int
    what_to_call: str = ""
    full_name: str = ""
    email: str = ""
    address_lines: tuple[str, ...] = ()
    postcode: str = ""
    notify_by: NotifyBy = NotifyBy.NONE
    unsafe: bool = False
    large_print: bool = False
    erased: bool = False

    def arrived(self, wanted: ContactAt) -> bool:
        """Whether these details are new enough for a message that names `wanted`."""
        return self.erased or self.version >= wanted.version


def way_to_reach(contact: Contact) -> Channel | Withheld:
    """The channel somebody chose, or why nothing goes to them. A letter is never swapped for an email, nor back."""
    if contact.erased:
        return Withheld.ERASED
    if contact.unsafe:
        return Withheld.UNSAFE
    if contact.notify_by is NotifyBy.NONE:
        return Withheld.ASKED_FOR_NONE
    if contact.notify_by is NotifyBy.LETTER:
        return Channel.LETTER if contact.address_lines else Withheld.NO_USABLE_WAY
    return Channel.EMAIL if contact.email else Withheld.NO_USABLE_WAY
