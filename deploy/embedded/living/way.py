"""One person's way through the network, told act after act along the working days."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from deploy.embedded.living.acts import (
    Act,
    Booked,
    Called,
    Came,
    Closed,
    Finished,
    Measured,
    Met,
    Overdue,
    Planned,
    Reaction,
    Said,
    Seen,
)
from deploy.embedded.living.book import Book
from deploy.embedded.living.days import EVENING, MORNING, Days
from deploy.embedded.living.stories import Next, Reply, Span
from services.directory.domain.answers import Accept, Answer, AskPerson, Decline, Waitlist
from services.directory.domain.request import DeclineReason
from services.referral.actions.sessions import Booking
from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.intake import Request
from services.referral.domain.outcomes import Ons4, Stage
from services.referral.domain.plan import Goal, PlanAction
from services.referral.domain.prescriptions import REPLY_WORKING_DAYS
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import Closure
from services.referral.domain.sessions import SessionState

_MODES = (ContactMode.FACE_TO_FACE, ContactMode.FACE_TO_FACE, ContactMode.HOME_VISIT, ContactMode.PHONE)
_WHY_NOT = (DeclineReason.NO_CAPACITY, DeclineReason.NO_CAPACITY, DeclineReason.NOT_ELIGIBLE_AREA,
            DeclineReason.WAITLIST_CLOSED, DeclineReason.LACK_OF_RESOURCES)  # fmt: skip
# Around the means of the Green Social Prescribing evaluation (8,339 people), before and after.
_BEFORE = Ons4(satisfied=4, worthwhile=5, happy=5, anxious=5)
_AFTER = Ons4(satisfied=6, worthwhile=6, happy=7, anxious=4)
_RANG_OUT, _SPOKE = "Rang twice, rang out both times", "Spoke for ten minutes, booked a first meeting"
_MET = "Met at the practice, booked a first meeting"


@dataclass
class Way:
    """`day` is the working day that has been reached, `minute` the minute of it; every act moves on from there."""

    days: Days
    book: Book
    dice: Random
    request: Request
    day: int
    minute: int = MORNING
    acts: list[Act] = field(default_factory=list)
    held: int = 0

    def wait(self, span: Span) -> None:
        """Some working days pass; none, and it is later on the same day."""
        if passed := self.dice.randint(*span):
            self.day, self.minute = self.day + passed, self.dice.randint(MORNING, EVENING - 120)

    def moment(self) -> datetime:
        """The next moment, later than every one before."""
        self.minute = min(self.minute + self.dice.randint(4, 20), EVENING)
        return self.days.at(self.day, self.minute)

    def in_vain(self, times: int) -> None:
        """Calls that reached nobody."""
        for _ in range(times):
            self.wait((1, 3))
            note = _RANG_OUT if self._mode() is ContactMode.PHONE else ""
            self.acts.append(Called(self.moment(), self._mode(), ContactOutcome.NO_ANSWER, note))

    def reach(self) -> None:
        """The person is reached for the first time: by phone only who has one and may be rung."""
        self.wait((1, 3))
        rung = self._mode() is ContactMode.PHONE
        mode, note = (ContactMode.PHONE, _SPOKE) if rung else (ContactMode.FACE_TO_FACE, _MET)
        self.acts.append(Called(self.moment(), mode, ContactOutcome.REACHED, note))

    def _mode(self) -> ContactMode:
        if self._guarded:
            return ContactMode.FACE_TO_FACE
        return ContactMode.PHONE if self.request.person.phone else ContactMode.LETTER

    @property
    def _guarded(self) -> bool:
        """Nobody rings, writes or visits."""
        return self.request.person.contact.unsafe

    def _meeting(self) -> ContactMode:
        at_home = self.request.person.address_lines and not self._guarded
        return self.dice.choice(_MODES) if at_home else ContactMode.FACE_TO_FACE

    def _noted(self) -> str:
        """The later notes of the book tell of no visit and of nobody else."""
        notes = self.book.lists["session_notes"]
        return self.dice.choice(notes[-5:] if self._guarded else notes)

    def meet(self, times: int) -> None:
        """Sessions, one every week or two; some are missed or cancelled first. The first brings plan and baseline."""
        for _ in range(times):
            self.wait((4, 8))
            if self.dice.random() < 0.14:
                self._met(self.dice.choice((SessionState.MISSED, SessionState.CANCELLED)), "")
                self.wait((3, 6))
            self._met(SessionState.COMPLETED, self._noted())
            self.held += 1
            if self.held == 1:
                self.measure(Stage.BASELINE, _BEFORE)
            if self.held == 1 + self.request.person.born_on.day % 2:
                self.plan()

    def _met(self, happened: SessionState, note: str) -> None:
        self.acts.append(Met(self.moment(), happened, self._meeting(), note))

    def measure(self, stage: Stage, around: Ons4) -> None:
        """The four questions; now and then nobody asks them, and says why."""
        if self.dice.random() < 0.1:
            self.acts.append(Measured(self.moment(), stage, None, "Too tired today; next time"))
            return
        said = [around.satisfied, around.worthwhile, around.happy, around.anxious]
        answers = Ons4(*(max(0, min(10, each + self.dice.randint(-2, 2))) for each in said))
        self.acts.append(Measured(self.moment(), stage, answers))

    def follow_up(self) -> None:
        """The four questions again, near the end."""
        self.measure(Stage.FOLLOW_UP, _AFTER)

    def plan(self) -> None:
        """What the person wants, in their words, and who does what."""
        goals = tuple(self._goal(reason) for reason in self.request.reasons[:2])
        strengths = ". ".join(self.dice.sample(self.book.lists["strengths"], 2))
        matters = self.request.what_matters or self.dice.choice(self.book.matters[self.request.reasons[0]])
        self.acts.append(Planned(self.moment(), goals, matters, strengths))

    def _goal(self, reason: Reason) -> Goal:
        words = self.dice.choice(self.book.goals[reason])
        who = self.dice.choice((self.request.person.given_name, "Link worker", "Together"))
        by = self.days.ahead(self.dice.randint(5, 25), MORNING).date()
        return Goal(words, (PlanAction(self.book.one("plan_actions", self.dice), who, by),))

    def book_next(self, which: Next) -> None:
        """The next session is booked: for today, for a day to come, or it is past and nobody has written it down."""
        made, mode = self.moment(), self._meeting()
        minute = self.dice.choice(range(9 * 60 + 30, 16 * 60 + 31, 30))
        if which is Next.NOT_RECORDED:
            self.day, self.minute = self.day + 1, minute
            self.acts.append(Booked(made, Booking(self.days.at(self.day, minute), mode)))
        elif which is not Next.NONE:
            days = 0 if which is Next.TODAY else self.dice.randint(1, 8)
            self.acts.append(Booked(made, Booking(self.days.ahead(days, minute), mode)))

    def close(self, reason: Closure) -> None:
        self.wait((1, 4))
        words = self.book.said("closing_words", reason, self.dice)
        self.acts.append(Closed(self.moment(), reason, words))

    def reactions(self, reply: Reply, visits: Span) -> tuple[Reaction, ...]:
        """What the provider does with a request made now, as days pass."""
        match reply:
            case Reply.NOTHING_YET | Reply.SILENCE:
                return ()
            case Reply.SEEN:
                return (self._seen(),)
            case Reply.NEVER:
                self.wait((REPLY_WORKING_DAYS + 1, REPLY_WORKING_DAYS + 5))
                return (Overdue(),)
            case Reply.LATE:
                return (self._seen(), Overdue(), self._said(Accept(self._coming((2, 10))), (REPLY_WORKING_DAYS + 1, 8)))
            case Reply.CAME:
                return (self._said(Accept(), (1, 4)), *self._visits(self.dice.randint(*visits)))
            case Reply.FINISHED:
                return (*self.reactions(Reply.CAME, visits), Finished(self.moment()))
            case Reply.ACCEPTED:
                return (self._said(Accept(self._coming((2, 10))), (1, 4)),)
            case Reply.WAITLISTED:
                return (self._said(Waitlist(self._coming((10, 40))), (1, 4)),)
            case Reply.DECLINED:
                return (self._said(Decline(self.dice.choice(_WHY_NOT)), (1, 4)),)
            case Reply.PERSON:
                return (self._said(AskPerson(), (1, 4)),)

    def _seen(self) -> Seen:
        return Seen(self.moment())

    def _coming(self, span: Span) -> date:
        return self.days.ahead(self.dice.randint(*span), MORNING).date()

    def _said(self, answer: Answer, after: Span) -> Said:
        self.wait(after)
        return Said(self.moment(), answer)

    def _visits(self, times: int) -> list[Reaction]:
        """Week after week, sometimes not; written down in the evening or the day after."""
        self.wait((1, 4))
        came: list[Reaction] = []
        for visit in range(times):
            on = self.days.at(self.day, MORNING)
            attended = visit == 0 or self.dice.random() < 0.85
            came.append(Came(on + timedelta(hours=8), on.date(), attended))
            self.day += 5 if visit + 1 < times else 0
        self.minute = EVENING
        return came
