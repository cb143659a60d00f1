"""What a batch of events says, sorted by what it is about; each list in the order in which it was heard."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.reporting.domain.measures import AnswerKind


@dataclass(frozen=True, slots=True)
class Made:
    """A referral was made; it counts for the London day it was made on."""

    referral_id: UUID
    made_on: date
    pcn: str | None
    practice: str | None
    reason_group: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A referral belongs to a network from now on, wherever it came in."""

    referral_id: UUID
    pcn: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A link worker reached the person, at a `session` or otherwise."""

    referral_id: UUID
    at: datetime
    session: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What one event says of a request for a place; what it is silent about stays None."""

    referral_id: UUID
    request_id: UUID
    asked: datetime | None = None
    answer: AnswerKind | None = None
    answer_at: datetime | None = None
    overdue: datetime | None = None
    accepted: datetime | None = None
    withdrawn: datetime | None = None
    in_error: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """Whether the person came on a day, or what was said of that day before was wrong."""

    request_id: UUID
    held_on: date
    attended: bool
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A practice or network has this name."""

    code: str
    kind: str
    name: str


@dataclass(slots=True)
class News:
    """All that one batch says."""

    made: list[Made] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    came: list[Came] = field(default_factory=list)
    named: Sequence[Named] = ()

    def came_on(self, referral_id: UUID, came: Came) -> None:
        """Who came had a place, whether or not anybody said so."""
        self.came.append(came)
        accepted = came.said_at if came.attended else None
        self.asked.append(Asked(referral_id, came.request_id, accepted=accepted))

    def answered(self, referral_id: UUID, request_id: UUID, at: datetime, kind: AnswerKind) -> None:
        """The provider answered, for the first time or anew."""
        accepted = at if kind is AnswerKind.ACCEPTED else None
        self.asked.append(Asked(referral_id, request_id, answer=kind, answer_at=at, accepted=accepted))
