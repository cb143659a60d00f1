"""What programs send to a case and get back."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.referral.actions.sessions import Booking
from services.referral.actions.today import Awaited, Day, Task
from services.referral.api.moments import Moment
from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.outcomes import Ons4, Stage
from services.referral.domain.plan import Goal, PlanAction
from services.referral.domain.prescriptions import OWES, UnmetCause, WithdrawalReason
from services.referral.domain.reasons import ReasonGroup
from services.referral.domain.referral import Closure, Referral
from services.referral.domain.sessions import Session, SessionState
from services.referral.store.requests import Prescription

WORDS = 10_000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactAttemptIn(_In):
    """`at` is now unless given."""

    mode: ContactMode
    outcome: ContactOutcome
    note: str = Field(default="", max_length=WORDS)
    at: Moment | None = None


class BookingIn(_In):
    at: Moment
    mode: ContactMode = ContactMode.FACE_TO_FACE

    def booking(self) -> Booking:
        return Booking(self.at, self.mode)


class SessionIn(_In):
    """`on` is today unless given; `number` names the session to record, the next in turn unless given."""

    happened: Literal[SessionState.COMPLETED, SessionState.MISSED, SessionState.CANCELLED]
    on: date | None = None
    mode: ContactMode = ContactMode.FACE_TO_FACE
    note: str = Field(default="", max_length=WORDS)
    number: int | None = Field(default=None, ge=1)
    next: BookingIn | None = None


class ActionIn(_In):
    what: str = Field(max_length=WORDS)
    who: str = Field(default="", max_length=200)
    by: date | None = None


class GoalIn(_In):
    words: str = Field(max_length=WORDS)
    actions: list[ActionIn] = Field(default_factory=list, max_length=20)

    def goal(self) -> Goal:
        return Goal(self.words, tuple(PlanAction(each.what, each.who, each.by) for each in self.actions))


class PlanIn(_In):
    """`agreed_on` is today unless given; `version` is the plan's version this one was written from (0: none yet)."""

    goals: list[GoalIn] = Field(max_length=20)
    what_matters: str = Field(default="", max_length=WORDS)
    strengths: str = Field(default="", max_length=WORDS)
    agreed_on: date | None = None
    version: int | None = None


class AnswersIn(_In):
    """Whole numbers from 0 (not at all) to 10 (completely)."""

    satisfied: int = Field(ge=0, le=10)
    worthwhile: int = Field(ge=0, le=10)
    happy: int = Field(ge=0, le=10)
    anxious: int = Field(ge=0, le=10)

    def ons4(self) -> Ons4:
        return Ons4(self.satisfied, self.worthwhile, self.happy, self.anxious)


class OutcomeIn(_In):
    """Either all four answers, or why there are none."""

    measure: Literal["ons4"] = "ons4"
    stage: Stage
    answers: AnswersIn | None = None
    skip_reason: str = Field(default="", max_length=WORDS)
    on: date | None = None


class PrescriptionIn(_In):
    """`activity` is its id or short reference. `answer_by` is the end of the fifth working day unless given, a day
    meaning its end in London. Asking says that the person agreed; `person_agreed` false is refused."""

    activity: str = Field(max_length=50)
    answer_by: Moment | date | None = None
    person_agreed: bool = True


class SignpostIn(_In):
    activity: str = Field(max_length=50)


class UnmetNeedIn(_In):
    """`reason_group` is the referral's own main one unless given."""

    cause: UnmetCause
    reason_group: ReasonGroup | None = None


class WithdrawalIn(_In):
    reason: Literal[WithdrawalReason.DECLINED_BY_PERSON, WithdrawalReason.ENTERED_IN_ERROR]
    version: int | None = None


class ClosureIn(_In):
    """`confirmed` closes although requests are open: those that nobody promised are taken back."""

    reason: Closure
    words: str = Field(default="", max_length=WORDS)
    confirmed: bool = False
    version: int | None = None


class CaseOut(BaseModel):
    reference: str
    status: str
    version: int

    @classmethod
    def of(cls, referral: Referral) -> Self:
        return cls(reference=referral.reference, status=referral.status, version=referral.version)


class SessionOut(BaseModel):
    """`held` counts the sessions that took place, 1 to 12."""

    number: int
    state: str
    held: int | None

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(number=session.number, state=session.state, held=session.held)


class PlanOut(BaseModel):
    version: int
    agreed_on: date


class OutcomeOut(BaseModel):
    """`bands` are the published bands of each answer; there is no single score."""

    stage: str
    on: date
    bands: dict[str, str]


class PrescriptionOut(BaseModel):
    id: UUID
    reference: str
    version: int
    activity: UUID
    activity_name: str
    provider_name: str
    state: str
    owes: str
    meets_rules: str
    asked_at: datetime
    answer_by: datetime
    first_date: date | None
    expected: date | None
    reason: str

    @classmethod
    def of(cls, made: Prescription) -> Self:
        heard = made.request.latest
        return cls(
            id=made.id,
            reference=made.reference,
            version=made.version,
            activity=made.activity_id,
            activity_name=made.activity_name,
            provider_name=made.provider_name,
            state=made.state,
            owes=OWES[made.state],
            meets_rules=made.meets_rules,
            asked_at=made.asked_at,
            answer_by=made.answer_by,
            first_date=heard.first_date if heard else None,
            expected=heard.expected if heard else None,
            reason=heard.reason if heard else "",
        )


class PrescriptionsOut(BaseModel):
    prescriptions: list[PrescriptionOut]


class CountedOut(BaseModel):
    counted: bool = True


class TaskOut(BaseModel):
    reference: str
    name: str
    kind: str
    due: date
    about: str
    request: str

    @classmethod
    def of(cls, task: Task) -> Self:
        return cls(
            reference=task.line.referral.reference,
            name=task.line.person.name,
            kind=task.owed.kind,
            due=task.owed.due,
            about=task.owed.about,
            request=task.owed.subject,
        )


class AwaitedOut(BaseModel):
    reference: str
    request: str
    activity: str
    state: str
    answer_by: datetime

    @classmethod
    def of(cls, awaited: Awaited) -> Self:
        asked = awaited.request
        return cls(
            reference=awaited.line.referral.reference,
            request=asked.reference,
            activity=asked.activity,
            state=asked.state,
            answer_by=asked.answer_by,
        )


class SessionTodayOut(BaseModel):
    reference: str
    name: str
    at: datetime
    mode: str


class DayOut(BaseModel):
    """What the caller owes: overdue, due today, today's sessions by time, then what waits on others."""

    overdue: list[TaskOut]
    today: list[TaskOut]
    sessions: list[SessionTodayOut]
    waiting: list[AwaitedOut]
    later: list[TaskOut]
    cases: int
    to_decide: int

    @classmethod
    def of(cls, day: Day) -> Self:
        sessions = [
            SessionTodayOut(
                reference=line.referral.reference,
                name=line.person.name,
                at=line.facts.booked_at,
                mode=line.booked_mode,
            )
            for line in day.sessions
            if line.facts.booked_at
        ]
        return cls(
            overdue=[TaskOut.of(task) for task in day.overdue],
            today=[TaskOut.of(task) for task in day.today],
            sessions=sessions,
            waiting=[AwaitedOut.of(each) for each in day.awaited],
            later=[TaskOut.of(task) for task in day.later],
            cases=day.cases,
            to_decide=day.to_decide,
        )
