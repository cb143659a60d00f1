"""What a provider, a link worker or the clock may do to a request, and what is then to be told to others."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.directory.domain.request import (
    ENDED,
    OPEN_TO_ANSWER,
    TAKEN_BACK,
    WITH_A_PLACE,
    AlreadyAnswered,
    Attendance,
    BeforeTheRequest,
    CameAlready,
    DateAhead,
    DatePassed,
    DeclineReason,
    NoPlaceGiven,
    NotComeYet,
    Outcome,
    PlaceHasEnded,
    PlaceRequest,
    RequestState,
    RequestTakenBack,
)

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Accept:
    """There is a place; `first_date` when it is known already."""

    first_date: date | None = None


@dataclass(frozen=True, slots=True)
class Waitlist:
    """There will be one; `expected` when a guess can be made."""

    expected: date | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """There is none, and why."""

    reason: DeclineReason


@dataclass(frozen=True, slots=True)
class AskPerson:
    """The provider needs something of the person before they can say."""


Answer = Accept | Waitlist | Decline | AskPerson


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The provider has seen the request."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """The due time passed in silence."""

    answer_by: datetime


@dataclass(frozen=True, slots=True)
class Attended:
    """What was recorded for one day."""

    attendance: Attendance


@dataclass(frozen=True, slots=True)
class Ended:
    """The person's time with the activity is over, and how it ended."""

    outcome: Outcome


Fact = Acknowledged | Accept | Waitlist | Decline | AskPerson | Overdue | Attended | Ended
Decided = tuple[PlaceRequest, list[Fact]]


def acknowledge(request: PlaceRequest, at: datetime) -> Decided:
    """The provider says that they have seen it; said twice, it changes nothing. Raises RequestTakenBack."""
    _still_wanted(request)
    if request.state is not RequestState.SENT:
        return request, []
    return replace(request, state=RequestState.ACKNOWLEDGED, seen_at=at), [Acknowledged()]


def answer(request: PlaceRequest, said: Answer, at: datetime) -> Decided:
    """An answer, however late; who answers has seen it too. Raises RequestTakenBack, AlreadyAnswered, DatePassed."""
    seen, facts = acknowledge(request, at)
    if seen.state not in OPEN_TO_ANSWER:
        raise AlreadyAnswered
    _not_passed(_day_named(said), at)
    cleared = replace(seen, answered_at=at, first_date=None, expected=None, reason=None)
    return _answered(cleared, said), [*facts, said]


def _answered(request: PlaceRequest, said: Answer) -> PlaceRequest:
    match said:
        case Accept(first_date):
            return replace(request, state=RequestState.ACCEPTED, first_date=first_date)
        case Waitlist(expected):
            return replace(request, state=RequestState.WAITLISTED, expected=expected)
        case Decline(reason):
            return replace(request, state=RequestState.DECLINED, reason=reason)
        case AskPerson():
            return replace(request, state=RequestState.NEEDS_PERSON)


def fall_due(request: PlaceRequest, due: datetime) -> Decided:
    """The clock's part: an unanswered request is marked, once. Answered or taken back: nothing happens."""
    if not request.unanswered or request.overdue_since is not None or due < request.answer_by:
        return request, []
    return replace(request, overdue_since=due), [Overdue(request.answer_by)]


def attend(request: PlaceRequest, attendance: Attendance, at: datetime) -> Decided:
    """Whether the person came. The same again changes nothing; the other answer for the same day corrects it.

    Raises RequestTakenBack, PlaceHasEnded, NoPlaceGiven, DateAhead, BeforeTheRequest.
    """
    _has_a_place(request)
    _has_happened(request, attendance.on, at)
    if attendance in request.attendances:
        return request, []
    others = [kept for kept in request.attendances if kept.on != attendance.on]
    days = tuple(sorted([*others, attendance], key=lambda kept: kept.on))
    came = any(kept.attended for kept in days)
    state = RequestState.STARTED if came else RequestState.ACCEPTED
    return replace(request, state=state, attendances=days), [Attended(attendance)]


def end(request: PlaceRequest, outcome: Outcome, at: datetime) -> Decided:
    """The person's time with the activity is over. Said again, it changes nothing.

    Raises RequestTakenBack, PlaceHasEnded, NoPlaceGiven, NotComeYet, CameAlready.
    """
    state = RequestState(outcome)
    if request.state is state:
        return request, []
    _has_a_place(request)
    came = request.state is RequestState.STARTED
    if outcome is Outcome.COMPLETED and not came:
        raise NotComeYet
    if outcome is Outcome.COULD_NOT_CONTACT and came:
        raise CameAlready
    return replace(request, state=state, ended_at=at), [Ended(outcome)]


def withdraw(request: PlaceRequest, becomes: RequestState) -> Decided:
    """The link worker takes it back; nothing is told, since they said it. Taken back already: nothing happens."""
    if request.state in TAKEN_BACK or becomes not in TAKEN_BACK:
        return request, []
    return replace(request, state=becomes), []


def _still_wanted(request: PlaceRequest) -> None:
    if request.state in TAKEN_BACK:
        raise RequestTakenBack


def _has_a_place(request: PlaceRequest) -> None:
    _still_wanted(request)
    if request.state in ENDED:
        raise PlaceHasEnded
    if request.state not in WITH_A_PLACE:
        raise NoPlaceGiven


def _day_named(said: Answer) -> date | None:
    match said:
        case Accept(day) | Waitlist(day):
            return day
        case _:
            return None


def _not_passed(day: date | None, at: datetime) -> None:
    if day is not None and day < at.astimezone(LONDON).date():
        raise DatePassed


def _has_happened(request: PlaceRequest, day: date, at: datetime) -> None:
    if day > at.astimezone(LONDON).date():
        raise DateAhead
    if day < request.sent_at.astimezone(LONDON).date():
        raise BeforeTheRequest
