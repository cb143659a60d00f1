"""A request for a place: what a provider may know of it, and what may become of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.directory.domain.needs import NeedGroup


class RequestState(StrEnum):
    """Where a request stands. Silence past the due time is a mark beside it, never a state to be taken for a no."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    NEEDS_PERSON = "needs_person_action"
    STARTED = "started"
    COMPLETED = "completed"
    NOT_HELPED = "not_helped"
    COULD_NOT_CONTACT = "could_not_contact"
    DECLINED = "declined_by_provider"
    NOT_WANTED = "declined_by_person"
    IN_ERROR = "entered_in_error"


class Urgency(StrEnum):
    ROUTINE = "routine"
    URGENT = "urgent"


class DeclineReason(StrEnum):
    """Why a provider cannot take a person."""

    NO_CAPACITY = "no_capacity"
    WAITLIST_CLOSED = "waitlist_closed"
    NOT_ELIGIBLE_AGE = "not_eligible_age"
    NOT_ELIGIBLE_AREA = "not_eligible_area"
    NOT_ELIGIBLE_OTHER = "not_eligible_other"
    MISSING_INFORMATION = "missing_information"
    LACK_OF_RESOURCES = "lack_of_resources"
    SERVICE_ENDED = "service_ended"
    RISK_TOO_HIGH = "risk_too_high"
    DUPLICATE = "duplicate"
    OTHER = "other"


class Outcome(StrEnum):
    """How a person's time with an activity ended; each is also the state that the request is then in."""

    COMPLETED = "completed"
    NOT_HELPED = "not_helped"
    COULD_NOT_CONTACT = "could_not_contact"


OUTCOME_WORDS = {
    Outcome.COMPLETED: "They came and it is complete",
    Outcome.NOT_HELPED: "It did not help them, or they stopped",
    Outcome.COULD_NOT_CONTACT: "We could not reach them",
}
REASON_WORDS = {
    DeclineReason.NO_CAPACITY: "We are full",
    DeclineReason.WAITLIST_CLOSED: "Our waiting list is closed",
    DeclineReason.NOT_ELIGIBLE_AGE: "Not the age we are for",
    DeclineReason.NOT_ELIGIBLE_AREA: "Not the area we are for",
    DeclineReason.NOT_ELIGIBLE_OTHER: "We are not for this, for another reason",
    DeclineReason.MISSING_INFORMATION: "We know too little to say",
    DeclineReason.LACK_OF_RESOURCES: "We have not the people or money for it",
    DeclineReason.SERVICE_ENDED: "We no longer run this",
    DeclineReason.RISK_TOO_HIGH: "We could not keep everyone safe",
    DeclineReason.DUPLICATE: "We have this request already",
    DeclineReason.OTHER: "Another reason",
}
UNANSWERED = frozenset({RequestState.SENT, RequestState.ACKNOWLEDGED})
OPEN_TO_ANSWER = UNANSWERED | {RequestState.WAITLISTED, RequestState.NEEDS_PERSON}
TAKEN_BACK = frozenset({RequestState.NOT_WANTED, RequestState.IN_ERROR})
WITH_A_PLACE = frozenset({RequestState.ACCEPTED, RequestState.STARTED})
ENDED = frozenset(RequestState(outcome) for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Whether the person came on one day."""

    on: date
    attended: bool


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """One prescription as its provider may know it: nothing here says who it is for.

    `reference` is the provider's only handle. `referral` keys what is published and is shown to nobody here.
    `meets_rules` was worked out at sending; None: not known. `overdue_since` stays when a late answer comes.
    """

    id: UUID
    reference: str
    referral: str
    activity: UUID
    provider: str
    need: NeedGroup
    urgency: Urgency
    meets_rules: bool | None
    sent_at: datetime
    answer_by: datetime
    pcn: str | None = None
    state: RequestState = RequestState.SENT
    seen_at: datetime | None = None
    answered_at: datetime | None = None
    overdue_since: datetime | None = None
    first_date: date | None = None
    expected: date | None = None
    reason: DeclineReason | None = None
    ended_at: datetime | None = None
    attendances: tuple[Attendance, ...] = ()
    version: int = 1

    @property
    def unanswered(self) -> bool:
        """The provider owes a first answer."""
        return self.state in UNANSWERED

    @property
    def shown_state(self) -> str:
        """The state's key on every screen: an open request past its due time shows as `unanswered`."""
        return "unanswered" if self.unanswered and self.overdue_since else self.state.value


class RequestTakenBack(ValueError):
    """The link worker took the request back: nothing is owed."""

    def __init__(self) -> None:
        super().__init__("This request was taken back. You do not need to do anything")


class AlreadyAnswered(ValueError):
    """It has been answered, and no second answer may change that."""

    def __init__(self) -> None:
        super().__init__("This request has been answered already")


class NoPlaceGiven(ValueError):
    """Attendance and an end go with an accepted request."""

    def __init__(self) -> None:
        super().__init__("Record this after you have accepted the request")


class PlaceHasEnded(ValueError):
    """The place has ended, and nothing more comes of it."""

    def __init__(self) -> None:
        super().__init__("This place has ended already")


class NotComeYet(ValueError):
    """What nobody came to cannot be complete."""

    def __init__(self) -> None:
        super().__init__("Record that the person came before you say that it is complete")


class CameAlready(ValueError):
    """Who came was reached."""

    def __init__(self) -> None:
        super().__init__("The person came, so they were reached. Choose one of the others")


class DatePassed(ValueError):
    """A first date, or when a place is expected, lies ahead."""

    def __init__(self) -> None:
        super().__init__("The date must be today or later")


class DateAhead(ValueError):
    """Attendance is recorded when it has happened."""

    def __init__(self) -> None:
        super().__init__("The date they came must be today or earlier")


class BeforeTheRequest(ValueError):
    """Nobody can have come through a request before it was made."""

    def __init__(self) -> None:
        super().__init__("The date they came must be after the request was sent")
