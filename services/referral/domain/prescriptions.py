"""Asking a group for a place: what the request's state is, who owes the next move, and whether it fits the person."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

REPLY_WORKING_DAYS = 5


class RequestState(StrEnum):
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    UNANSWERED = "unanswered"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    NEEDS_PERSON_ACTION = "needs_person_action"
    STARTED = "started"
    COMPLETED = "completed"
    NOT_HELPED = "not_helped"
    COULD_NOT_CONTACT = "could_not_contact"
    DECLINED_BY_PROVIDER = "declined_by_provider"
    DECLINED_BY_PERSON = "declined_by_person"
    REDIRECTED = "redirected"
    ENTERED_IN_ERROR = "entered_in_error"


class Party(StrEnum):
    PROVIDER = "provider"
    LINK_WORKER = "link-worker"
    NOBODY = "nobody"


OWES: dict[RequestState, Party] = {
    RequestState.SENT: Party.PROVIDER,
    RequestState.ACKNOWLEDGED: Party.PROVIDER,
    RequestState.UNANSWERED: Party.PROVIDER,
    RequestState.ACCEPTED: Party.PROVIDER,
    RequestState.WAITLISTED: Party.PROVIDER,
    RequestState.NEEDS_PERSON_ACTION: Party.LINK_WORKER,
    RequestState.STARTED: Party.NOBODY,
    RequestState.COMPLETED: Party.NOBODY,
    RequestState.NOT_HELPED: Party.LINK_WORKER,
    RequestState.COULD_NOT_CONTACT: Party.LINK_WORKER,
    RequestState.DECLINED_BY_PROVIDER: Party.LINK_WORKER,
    RequestState.DECLINED_BY_PERSON: Party.NOBODY,
    RequestState.REDIRECTED: Party.PROVIDER,
    RequestState.ENTERED_IN_ERROR: Party.NOBODY,
}

# Nothing more comes of these: the same activity may be asked again, the case may be closed.
SETTLED = frozenset(
    {
        RequestState.COMPLETED,
        RequestState.NOT_HELPED,
        RequestState.COULD_NOT_CONTACT,
        RequestState.DECLINED_BY_PROVIDER,
        RequestState.DECLINED_BY_PERSON,
        RequestState.REDIRECTED,
        RequestState.ENTERED_IN_ERROR,
    }
)
# The group owes a first answer, and its time has not passed.
UNANSWERED = frozenset({RequestState.SENT, RequestState.ACKNOWLEDGED})
# Not yet promised: closing the case takes these back. A promised place stays the person's.
AWAITING = frozenset(
    {
        RequestState.SENT,
        RequestState.ACKNOWLEDGED,
        RequestState.UNANSWERED,
        RequestState.WAITLISTED,
        RequestState.NEEDS_PERSON_ACTION,
    }
)
# Ended without help: the link worker owes the person another way.
NEEDS_ANOTHER = frozenset({RequestState.NOT_HELPED, RequestState.COULD_NOT_CONTACT, RequestState.DECLINED_BY_PROVIDER})


class News(StrEnum):
    """What may be heard about a request; the values are the states they lead to."""

    ACKNOWLEDGED = "acknowledged"
    OVERDUE = "unanswered"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    NEEDS_PERSON_ACTION = "needs_person_action"
    DECLINED = "declined_by_provider"
    REDIRECTED = "redirected"
    ATTENDED = "started"
    COMPLETED = "completed"
    NOT_HELPED = "not_helped"
    COULD_NOT_CONTACT = "could_not_contact"
    NOT_WANTED = "declined_by_person"
    IN_ERROR = "entered_in_error"


# A higher stage hides the lower ones. Within a stage the later news stands; at the same moment, the name decides,
# so that the state is a function of what was heard and not of the order it arrived in.
_STAGE: dict[News, int] = {
    News.ACKNOWLEDGED: 1,
    News.OVERDUE: 2,
    News.ACCEPTED: 3,
    News.WAITLISTED: 3,
    News.NEEDS_PERSON_ACTION: 3,
    News.DECLINED: 3,
    News.REDIRECTED: 3,
    News.ATTENDED: 4,
    News.COMPLETED: 5,
    News.NOT_HELPED: 5,
    News.COULD_NOT_CONTACT: 5,
    News.NOT_WANTED: 6,
    News.IN_ERROR: 7,
}


class WithdrawalReason(StrEnum):
    """Why a request was taken back."""

    DECLINED_BY_PERSON = "declined_by_person"
    ENTERED_IN_ERROR = "entered_in_error"
    CASE_CLOSED = "case_closed"


class UnmetCause(StrEnum):
    """Why a need could not be met by what the community offers."""

    NO_SUITABLE_SERVICE = "no_suitable_service"
    NO_CAPACITY = "no_capacity"
    NOT_ELIGIBLE = "not_eligible"
    COULD_NOT_GET_THERE = "person_could_not_get_there"


class PrescriptionError(Exception):
    """A request for a place that may not be made or changed."""


class AlreadyAsked(PrescriptionError):
    def __init__(self, activity: str) -> None:
        super().__init__(f"A request to {activity} is already open")


class ConsentNeeded(PrescriptionError):
    def __init__(self) -> None:
        super().__init__("Say that the person agreed to this request, or only signpost it")


class AlreadySettled(PrescriptionError):
    def __init__(self) -> None:
        super().__init__("This request has ended and cannot be taken back")


class AnswerByPassed(PrescriptionError):
    def __init__(self) -> None:
        super().__init__("The date to answer by must be after today")


class ActivityWithdrawn(PrescriptionError):
    def __init__(self) -> None:
        super().__init__("This activity is no longer offered")


@dataclass(frozen=True, slots=True)
class Heard:
    """One piece of news about a request, with what may come with it."""

    news: News
    at: datetime
    first_date: date | None = None
    expected: date | None = None
    reason: str = ""

    @property
    def rank(self) -> tuple[int, datetime, str, str, str, str]:
        return (
            _STAGE[self.news],
            self.at,
            self.news.value,
            self.reason,
            str(self.first_date or ""),
            str(self.expected or ""),
        )


@dataclass(frozen=True, slots=True)
class Absence:
    """The group said at that moment that the person did not come on this day."""

    on: date
    at: datetime

    def corrects(self, heard: Heard) -> bool:
        """Whether it takes back what was said before: that they did come on that day."""
        return heard.news is News.ATTENDED and heard.first_date == self.on and heard.at <= self.at


@dataclass(frozen=True, slots=True)
class Request:
    """A request's standing: the news that decides its state (None: only sent)."""

    latest: Heard | None = None

    @property
    def state(self) -> RequestState:
        return RequestState(self.latest.news.value) if self.latest else RequestState.SENT

    @property
    def owes(self) -> Party:
        return OWES[self.state]

    @property
    def settled(self) -> bool:
        return self.state in SETTLED


def check_ask(
    activity: str, *, listed: bool, asked_already: bool, agreed: bool, answer_by: datetime, now: datetime
) -> None:
    """Whether a place may be asked for. Raises PrescriptionError."""
    if not listed:
        raise ActivityWithdrawn
    if asked_already:
        raise AlreadyAsked(activity)
    if not agreed:
        raise ConsentNeeded
    if answer_by <= now:
        raise AnswerByPassed


def hear(request: Request, heard: Heard) -> Request:
    """The request after a piece of news. Late, repeated and out-of-order news is harmless; silence is no decline."""
    if request.latest is not None and request.latest.rank >= heard.rank:
        return request
    return Request(latest=heard)


def standing(heard: Iterable[Heard], absences: Collection[Absence]) -> Request:
    """Where a request stands by all that was heard, without attendances that a later word took back."""
    request = Request()
    for each in heard:
        if not any(absence.corrects(each) for absence in absences):
            request = hear(request, each)
    return request


def withdraw(request: Request, reason: WithdrawalReason, at: datetime) -> Request:
    """Take a request back. Raises AlreadySettled."""
    if request.settled:
        raise AlreadySettled
    in_error = reason is WithdrawalReason.ENTERED_IN_ERROR
    news = News.IN_ERROR if in_error else News.NOT_WANTED
    return hear(request, Heard(news=news, at=at, reason=reason.value))
