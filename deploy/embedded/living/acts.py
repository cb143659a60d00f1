"""What is done on the way of one person, with the moment it was done; and what a provider does with a request."""

from dataclasses import dataclass
from datetime import date, datetime

from services.directory.domain.answers import Answer
from services.referral.actions.sessions import Booking
from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.intake import Request
from services.referral.domain.outcomes import Ons4, Stage
from services.referral.domain.plan import Goal
from services.referral.domain.prescriptions import UnmetCause
from services.referral.domain.referral import Closure, Decline
from services.referral.domain.sessions import SessionState


@dataclass(frozen=True, slots=True)
class Called:
    at: datetime
    mode: ContactMode
    outcome: ContactOutcome
    note: str


@dataclass(frozen=True, slots=True)
class Booked:
    at: datetime
    booking: Booking


@dataclass(frozen=True, slots=True)
class Met:
    at: datetime
    happened: SessionState
    mode: ContactMode
    note: str


@dataclass(frozen=True, slots=True)
class Planned:
    at: datetime
    goals: tuple[Goal, ...]
    what_matters: str
    strengths: str


@dataclass(frozen=True, slots=True)
class Measured:
    """`answers` None: they were not asked, and `skipped` says why."""

    at: datetime
    stage: Stage
    answers: Ons4 | None
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """The time to answer by passed before anybody answered."""


@dataclass(frozen=True, slots=True)
class Said:
    at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class Came:
    at: datetime
    on: date
    attended: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """Their time with the group is complete."""

    at: datetime


Reaction = Seen | Overdue | Said | Came | Finished


@dataclass(frozen=True, slots=True)
class Asked:
    """`pick` (0 to 1) chooses among what fits: low numbers the best known groups, high ones the rest."""

    at: datetime
    pick: float
    reactions: tuple[Reaction, ...]


@dataclass(frozen=True, slots=True)
class Signposted:
    at: datetime
    pick: float


@dataclass(frozen=True, slots=True)
class FoundNothing:
    at: datetime
    cause: UnmetCause


@dataclass(frozen=True, slots=True)
class TookBack:
    """The person does not want what was asked for last."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    at: datetime
    reason: Closure
    words: str


Act = Called | Booked | Met | Planned | Measured | Asked | Signposted | FoundNothing | TookBack | Closed


@dataclass(frozen=True, slots=True)
class Declined:
    at: datetime
    reason: Decline
    words: str


@dataclass(frozen=True, slots=True)
class Allocated:
    at: datetime


@dataclass(frozen=True, slots=True)
class Life:
    """One person's way. `acts` come before anybody has answered, `later` after; `again` is when the person wrote once
    more by themself."""

    number: int
    request: Request
    made_at: datetime
    decided: Allocated | Declined | None
    acts: tuple[Act, ...]
    later: tuple[Act, ...]
    again: datetime | None
