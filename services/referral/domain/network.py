"""The network's organisations: GP practices, their primary care networks, and who belongs to whom on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Given, never guessed from a code: practices' and networks' codes look alike."""

    PRACTICE = "practice"
    PCN = "pcn"


class Standing(StrEnum):
    OPEN = "open"
    DORMANT = "dormant"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Membership:
    """A practice's time in one network; `ends` is the last day, None while it lasts."""

    practice: str
    network: str
    starts: date | None
    ends: date | None

    def covers(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


def network_on(memberships: Iterable[Membership], day: date) -> str | None:
    """The network a practice belongs to on a day; the one joined last where it has two."""
    current = [m for m in memberships if m.covers(day)]
    return max(current, key=lambda m: m.starts or date.min).network if current else None
