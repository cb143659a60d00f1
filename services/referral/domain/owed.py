"""What a link worker owes: worked out from small facts about each case, so that nothing waits in silence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.referral.domain.prescriptions import NEEDS_ANOTHER, OWES, Party, RequestState

LONDON = ZoneInfo("Europe/London")
# Ours, to be tried with teams: the guidance says nothing of days.
CONTACT_WORKING_DAYS = 2
ANSWER_WORKING_DAYS = 2
QUIET_WORKING_DAYS = 10

WorkingDays = Callable[[date, int], date]


class OwedKind(StrEnum):
    CONTACT = "contact"
    SESSION_NOT_RECORDED = "session-not-recorded"
    NO_ANSWER = "no-answer"
    ANOTHER_NEEDED = "another-needed"
    PERSON_ACTION = "person-action"
    SAME_PERSON = "same-person"
    MESSAGE = "message"
    NEXT_STEP = "next-step"


class When(StrEnum):
    OVERDUE = "overdue"
    TODAY = "today"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request for a place as far as it can be owed. `changed_at` is when its present state was said."""

    reference: str
    activity: str
    state: RequestState
    asked_at: datetime
    answer_by: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Raised:
    """Something others raised that the link worker must look at; `about` says what, in a word of the screens, `words`
    are theirs."""

    id: str
    about: str
    at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One carried case. `onward_at` is the last time anything was asked, signposted or noted as unmet."""

    allocated_at: datetime
    reached_at: datetime | None
    attempts: int
    last_attempt_at: datetime | None
    booked_at: datetime | None
    booked_number: int | None
    last_act_at: datetime
    onward_at: datetime | None
    requests: tuple[RequestFacts, ...] = ()
    same_person: tuple[Raised, ...] = ()
    messages: tuple[Raised, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing to do, and by which London day. `about` names a group or a message, never a person."""

    kind: OwedKind
    due: date
    about: str = ""
    subject: str = ""
    count: int = 0
    since: datetime | None = None
    state: RequestState | None = None

    def when(self, today: date) -> When:
        """How pressing it is. Silence is looked at on the day it is known, though there is a day more to act on it."""
        if self.kind is OwedKind.NO_ANSWER and self.due > today:
            return When.TODAY
        return When.OVERDUE if self.due < today else When.TODAY if self.due == today else When.LATER


def london_day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


def _contact(case: CaseFacts, days: WorkingDays) -> Iterator[Owed]:
    if case.reached_at is None:
        since = case.last_attempt_at or case.allocated_at
        due = days(london_day(since), CONTACT_WORKING_DAYS)
        yield Owed(OwedKind.CONTACT, due, count=case.attempts + 1, since=since)


def _session(case: CaseFacts, now: datetime) -> Iterator[Owed]:
    if case.booked_at is not None and case.booked_at <= now:
        yield Owed(
            OwedKind.SESSION_NOT_RECORDED,
            london_day(case.booked_at),
            count=case.booked_number or 0,
            since=case.booked_at,
        )


def _request(case: CaseFacts, request: RequestFacts, days: WorkingDays) -> Owed | None:
    about, subject, changed = request.activity, request.reference, request.changed_at
    if request.state is RequestState.UNANSWERED:
        due = days(london_day(request.answer_by), 1)
        return Owed(OwedKind.NO_ANSWER, due, about, subject, since=request.asked_at, state=request.state)
    due = days(london_day(changed), ANSWER_WORKING_DAYS)
    if request.state is RequestState.NEEDS_PERSON_ACTION:
        return Owed(OwedKind.PERSON_ACTION, due, about, subject, since=changed, state=request.state)
    answered = case.onward_at is not None and case.onward_at > changed
    if request.state in NEEDS_ANOTHER and not answered:
        return Owed(OwedKind.ANOTHER_NEEDED, due, about, subject, since=changed, state=request.state)
    return None


def _raised(case: CaseFacts, days: WorkingDays) -> Iterator[Owed]:
    """One thing to do for each kind, however many stand behind it: they are looked at together."""
    for kind, several in ((OwedKind.SAME_PERSON, case.same_person), (OwedKind.MESSAGE, case.messages)):
        if several:
            first = several[0]
            due = days(london_day(first.at), ANSWER_WORKING_DAYS)
            yield Owed(kind, due, first.about, first.id, count=len(several), since=first.at)


def waiting(case: CaseFacts) -> tuple[RequestFacts, ...]:
    """Requests where the ball is with the group and its time has not passed."""
    asked = (each for each in case.requests if OWES[each.state] is Party.PROVIDER)
    return tuple(each for each in asked if each.state not in (RequestState.UNANSWERED, RequestState.REDIRECTED))


def owed(case: CaseFacts, now: datetime, days: WorkingDays) -> tuple[Owed, ...]:
    """Everything the link worker owes this case, soonest first; never empty for long: a quiet case is owed a step."""
    asked = (_request(case, each, days) for each in case.requests)
    found = [*_contact(case, days), *_session(case, now), *filter(None, asked), *_raised(case, days)]
    if not found and case.booked_at is None and not waiting(case):
        due = days(london_day(case.last_act_at), QUIET_WORKING_DAYS)
        found.append(Owed(OwedKind.NEXT_STEP, due, since=case.last_act_at))
    return tuple(sorted(found, key=lambda each: (each.due, each.kind, each.subject)))
