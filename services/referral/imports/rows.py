"""What a published file says about a practice or a primary care network, before it is compared with what we hold."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.runtime.imports import Reject


class Standing(StrEnum):
    OPEN = "open"
    DORMANT = "dormant"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Membership:
    """A practice's time in one network. `ends` is the last day, None while it lasts: practices change networks."""

    network: str
    starts: date | None
    ends: date | None

    def covers(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """One GP practice. `postcode` is "" when the file gives none that can be one."""

    code: str
    name: str
    address: tuple[str, ...]
    postcode: str
    phone: str
    standing: Standing
    opened: date | None
    closed: date | None
    memberships: tuple[Membership, ...]

    def network_on(self, day: date) -> str | None:
        """The network it belongs to on that day; the one joined last where the file has two."""
        current = [m for m in self.memberships if m.covers(day)]
        return max(current, key=lambda m: m.starts or date.min).network if current else None


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One primary care network, led by the sub-ICB `lead`."""

    code: str
    name: str
    lead: str
    address: tuple[str, ...]
    postcode: str
    opened: date | None
    closed: date | None


@dataclass(frozen=True, slots=True)
class OrganisationFile:
    """One sub-ICB's practices and networks, in code order, and the rows that were left out."""

    practices: tuple[PracticeRow, ...]
    networks: tuple[NetworkRow, ...]
    rejects: tuple[Reject, ...]
