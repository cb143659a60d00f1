"""A person's referral: where it stands, who owes the next move, and what may happen to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.referral.domain.agreement import Agreement
from services.referral.domain.reasons import Reason


class Status(StrEnum):
    RECEIVED = "received"
    INFORMATION_NEEDED = "information-needed"
    ACCEPTED = "accepted"
    ALLOCATED = "allocated"
    ACTIVE = "active"
    DECLINED = "declined"
    CLOSED = "closed"


WAITING = frozenset({Status.RECEIVED, Status.INFORMATION_NEEDED, Status.ACCEPTED})
CARRIED = frozenset({Status.ALLOCATED, Status.ACTIVE})
OPEN = WAITING | CARRIED


class Urgency(StrEnum):
    ROUTINE = "routine"
    URGENT = "urgent"


class Route(StrEnum):
    """How the referral came in."""

    PRACTICE = "practice"
    SELF = "self"


class Decline(StrEnum):
    """Why a team cannot take a referral."""

    OUT_OF_AREA = "out-of-area"
    NOT_AGREED = "not-agreed"
    NEEDS_ANOTHER_SERVICE = "needs-another-service"
    DUPLICATE = "duplicate"
    OTHER = "other"


class Closure(StrEnum):
    """Why a case ended."""

    GOALS_REACHED = "goals-reached"
    PERSON_ENDED = "person-ended"
    COULD_NOT_REACH = "could-not-reach"
    MOVED_AWAY = "moved-away"
    DIED = "died"
    REFERRED_ELSEWHERE = "referred-elsewhere"
    OTHER = "other"


class ReferralNotFound(LookupError):
    """There is no such referral, or it is not the caller's to see: the two look alike."""

    def __init__(self) -> None:
        super().__init__("We cannot find a referral with that reference.")


class NotWaiting(Exception):
    """The referral has been decided already."""


class NotOpen(Exception):
    """The referral is closed or was declined, so nothing more can be done on it."""


class NotInNetwork(Exception):
    """The link worker does not work in the person's primary care network."""


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral of one person. `reasons[0]` is the main one; `pcn` is None while it stands in the borough queue."""

    id: UUID
    reference: str
    version: int
    status: Status
    route: Route
    person_id: UUID
    pcn: str | None
    practice: str | None
    urgency: Urgency
    reasons: tuple[Reason, ...]
    other_reason: str
    what_matters: str
    agreement: Agreement
    made_by: str
    made_at: datetime
    weight: int = 1
    link_worker: str | None = None
    allocated_at: datetime | None = None
    decline: Decline | None = None
    decline_words: str = ""
    closure: Closure | None = None
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.status in OPEN

    @property
    def owed_by(self) -> str | None:
        """The one party who owes the next move, in words; nobody once it has ended."""
        return OWED_BY.get(self.status)

    @property
    def next(self) -> str:
        """What happens next, and by whom, in a sentence that everybody may read."""
        if self.status is Status.RECEIVED and self.pcn is None:
            return "A team lead of the borough will decide which team takes it."
        return NEXT[self.status]


OWED_BY = {
    Status.RECEIVED: "team lead",
    Status.INFORMATION_NEEDED: "referrer",
    Status.ACCEPTED: "team lead",
    Status.ALLOCATED: "link worker",
    Status.ACTIVE: "link worker",
}

NEXT = {
    Status.RECEIVED: "The team lead will decide who takes it.",
    Status.INFORMATION_NEEDED: "The team needs more information before it can decide.",
    Status.ACCEPTED: "The team lead will choose a link worker.",
    Status.ALLOCATED: "The link worker will make contact.",
    Status.ACTIVE: "The link worker is supporting the person.",
    Status.DECLINED: "The team could not take this referral. Nothing more will happen.",
    Status.CLOSED: "The support has ended. Nothing more will happen.",
}


def weight_of(urgency: Urgency, interpreter: bool) -> int:
    """How much of a link worker's load a case takes: 1, and 1 more each for urgency and for an interpreter.

    A judgement of ours, to be tried with teams; the workload page says it in words.
    """
    return 1 + (urgency is Urgency.URGENT) + interpreter


def allocated(referral: Referral, link_worker: str, pcn: str, at: datetime) -> Referral:
    """Accept and allocate in one step, or hand over a case that is carried already."""
    if not referral.open:
        raise NotOpen("This referral has ended, so it cannot be allocated.")
    if referral.pcn not in (None, pcn):
        raise NotInNetwork("The link worker must work in the person's primary care network.")
    status = referral.status if referral.status in CARRIED else Status.ALLOCATED
    return replace(referral, status=status, pcn=pcn, link_worker=link_worker, allocated_at=at)


def declined(referral: Referral, reason: Decline, words: str, at: datetime) -> Referral:
    """Say no to a referral that waits, with the reason the referrer will be told."""
    if referral.status not in WAITING:
        raise NotWaiting("This referral has been decided already.")
    return replace(referral, status=Status.DECLINED, decline=reason, decline_words=words, ended_at=at)
