"""Ids for machines and short references for people."""

import re
import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

# No vowels (no words arise) and none of 0 O 1 I L 5 S Z (no look-alikes).
ALPHABET = "2346789BCDFGHJKMNPQRTVWXY"
_REFERENCE = re.compile(rf"[{ALPHABET}]{{6}}")


def new_id() -> UUID:
    """A UUID version 7: sorts by the moment it was made."""
    return uuid7()


def new_reference() -> str:
    """A short reference such as "K7F-3QD"; the store's unique constraint settles the rare clash."""
    number, letters = secrets.randbelow(len(ALPHABET) ** 6), ""
    for _ in range(6):
        number, letter = divmod(number, len(ALPHABET))
        letters += ALPHABET[letter]
    return f"{letters[:3]}-{letters[3:]}"


def tidy_reference(text: str) -> str | None:
    """The reference as we write it, from what a person typed ("k7f3qd"), or None when it cannot be one."""
    letters = re.sub(r"[\s\-–—.]", "", text).upper()
    return f"{letters[:3]}-{letters[3:]}" if _REFERENCE.fullmatch(letters) else None
