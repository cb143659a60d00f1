"""Tells a story of one invented person, so that it ends as long ago as the story says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from deploy.embedded.living.acts import Allocated, Asked, Declined, FoundNothing, Life, Signposted, TookBack
from deploy.embedded.living.book import Book
from deploy.embedded.living.days import Days
from deploy.embedded.living.persons import invent
from deploy.embedded.living.stories import STORIES, Decision, Reply, Story, cast
from deploy.embedded.living.way import Way
from services.referral.domain.intake import Request
from services.referral.domain.prescriptions import UnmetCause
from services.referral.domain.referral import Closure, Decline, Route, Urgency

NEAR = 4
"""The first of every story comes from one of the first practices, so that one team has met all of them."""
_DECLINES = (Decline.OUT_OF_AREA, Decline.NOT_AGREED, Decline.NEEDS_ANOTHER_SERVICE, Decline.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Surgery:
    """A practice that refers: its code and the outward postcode around it."""

    code: str
    area: str


def lives(people: int, book: Book, days: Days, surgeries: Sequence[Surgery]) -> list[Life]:
    """So many people on their way, in the order of their numbers; the same each time for the same moment."""
    return [_live(number, story, book, days, surgeries) for number, story in enumerate(cast(people))]


def _live(number: int, story: Story, book: Book, days: Days, surgeries: Sequence[Surgery]) -> Life:
    """Told twice: once to see how long it takes, and then from where it must begin."""
    surgery = Random(f"surgery {number}").choice(surgeries[:NEAR] if number < len(STORIES) else surgeries)
    code = None if story.borough else surgery.code
    request = invent(number, book, days.past[0], story.route, code, surgery.area)
    urgent = story.urgent or (story.route is Route.PRACTICE and number % 17 == 5)
    request = replace(request, urgency=Urgency.URGENT if urgent else Urgency.ROUTINE)
    tried = _Telling(number, story, _way(number, book, days, request, 0))
    tried.tell()
    quiet = Random(f"quiet {number}").randint(*story.quiet)
    told = _Telling(number, story, _way(number, book, days, request, max(0, days.last - quiet - tried.way.day)))
    return told.tell()


def _way(number: int, book: Book, days: Days, request: Request, start: int) -> Way:
    return Way(days, book, Random(f"way {number}"), request, start)


@dataclass
class _Telling:
    number: int
    story: Story
    way: Way

    def tell(self) -> Life:
        story, way = self.story, self.way
        made_at = way.moment().replace(microsecond=self.number)
        asked_on = made_at.date() if way.request.person.safety_asked_on else None
        request = replace(way.request, person=replace(way.request.person, safety_asked_on=asked_on))
        decided = self._decide()
        if isinstance(decided, Allocated):
            self._begin()
        before, way.acts = way.acts, []
        if isinstance(decided, Allocated):
            self._go_on()
        again = way.moment() if story.again else None
        return Life(self.number, request, made_at, decided, tuple(before), tuple(way.acts), again)

    def _decide(self) -> Allocated | Declined | None:
        if self.story.decision is Decision.WAITING:
            return None
        self.way.wait((0, 3))
        if self.story.decision is Decision.ALLOCATED:
            return Allocated(self.way.moment())
        reason = _DECLINES[self.number % len(_DECLINES)]
        return Declined(self.way.moment(), reason, self.way.book.said("decline_words", reason, self.way.dice))

    def _begin(self) -> None:
        """Until something has been asked for, or the way ends before that."""
        story, way = self.story, self.way
        way.in_vain(way.dice.randint(*story.calls))
        if story.reached:
            way.reach()
        way.meet(way.dice.randint(*story.sessions))
        for _ in range(story.signposts):
            way.acts.append(Signposted(way.moment(), way.dice.random()))
        if story.unmet:
            way.acts.append(FoundNothing(way.moment(), way.dice.choice(list(UnmetCause))))
        self._ask(story.asked)

    def _ask(self, replies: Sequence[Reply]) -> None:
        """Several requests go on one day; the way goes on when the last of the reactions is there."""
        way, sent = self.way, [(reply, self.way.moment()) for reply in replies]
        began = furthest = (way.day, way.minute)
        for reply, at in sent:
            way.day, way.minute = began
            way.acts.append(Asked(at, self._pick(reply), way.reactions(reply, self.story.visits)))
            furthest = max(furthest, (way.day, way.minute))
        way.day, way.minute = furthest

    def _pick(self, reply: Reply) -> float:
        """Silence dwells with the lesser-known groups; most others go to the best known."""
        chance = self.way.dice.random()
        return 1 - chance**2 if reply in (Reply.SILENCE, Reply.NEVER) else chance**2

    def _go_on(self) -> None:
        story, way = self.story, self.way
        if story.instead:
            way.wait((1, 3))
            self._ask(story.instead)
        if story.withdrawn:
            way.wait((1, 2))
            way.acts.append(TookBack(way.moment()))
        way.meet(way.dice.randint(*story.more_sessions))
        way.book_next(story.next)
        if story.closing:
            self._end(story.closing)

    def _end(self, closing: tuple[Closure, ...]) -> None:
        if Closure.GOALS_REACHED in closing and self.number % 4:
            self.way.follow_up()
        self.way.close(closing[self.number % len(closing)])
