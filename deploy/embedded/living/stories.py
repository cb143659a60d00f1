"""How far people have come, and how many of three hundred have come so far: the borough as a list of stories.

The counts follow what is known of the field (Bu et al. 2024, 160,128 people: 90 % of referrals reach a link worker,
38 % end in help received), with the silence that goes with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.referral.domain.referral import Closure, Route

Span = tuple[int, int]


class Decision(StrEnum):
    """What the team lead did."""

    WAITING = "waiting"
    DECLINED = "declined"
    ALLOCATED = "allocated"


class Reply(StrEnum):
    """What a provider does with a request."""

    NOTHING_YET = "nothing-yet"
    SEEN = "seen"
    SILENCE = "silence"
    LATE = "late"
    ACCEPTED = "accepted"
    CAME = "came"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    PERSON = "person"


class Next(StrEnum):
    """The session that is booked at the end."""

    NONE = "none"
    TODAY = "today"
    COMING = "coming"
    NOT_RECORDED = "not-recorded"


@dataclass(frozen=True, slots=True)
class Story:
    """`people` of three hundred. `quiet`: how many working days nothing has happened since. `calls`: tries in vain.

    `asked` are the requests after the `sessions`, `instead` those after the answers; `visits` how often they went.
    """

    name: str
    people: int
    quiet: Span = (0, 3)
    route: Route = Route.PRACTICE
    borough: bool = False
    urgent: bool = False
    decision: Decision = Decision.ALLOCATED
    calls: Span = (0, 1)
    reached: bool = True
    sessions: Span = (0, 0)
    asked: tuple[Reply, ...] = ()
    visits: Span = (0, 0)
    signposts: int = 0
    unmet: bool = False
    instead: tuple[Reply, ...] = ()
    withdrawn: bool = False
    more_sessions: Span = (0, 0)
    next: Next = Next.NONE
    closing: tuple[Closure, ...] = ()
    again: bool = False


_SELF, _NOW = Route.SELF, (0, 2)
_ENDED = (
    Closure.PERSON_ENDED,
    Closure.MOVED_AWAY,
    Closure.REFERRED_ELSEWHERE,
    Closure.PERSON_ENDED,
    Closure.DIED,
)
STORIES = (
    Story("new", 6, quiet=(0, 4), decision=Decision.WAITING),
    Story("new and urgent", 3, quiet=(0, 1), urgent=True, decision=Decision.WAITING),
    Story("new, of their own accord", 2, quiet=(0, 3), route=_SELF, decision=Decision.WAITING),
    Story("in the borough queue", 4, quiet=(0, 3), route=_SELF, borough=True, decision=Decision.WAITING),
    Story("declined", 6, quiet=(1, 100), decision=Decision.DECLINED),
    Story("first contact due", 4, quiet=(1, 1), calls=(0, 0), reached=False),
    Story("first contact overdue", 4, quiet=(4, 7), calls=(0, 1), reached=False),
    Story("no answer so far", 3, quiet=(1, 3), calls=(2, 2), reached=False),
    Story("could not reach", 6, (3, 90), calls=(3, 3), reached=False, closing=(Closure.COULD_NOT_REACH,)),
    Story("first session today", 3, quiet=_NOW, next=Next.TODAY),
    Story("first session booked", 8, quiet=_NOW, next=Next.COMING),
    Story("session not recorded", 3, quiet=(1, 2), sessions=(0, 2), next=Next.NOT_RECORDED),
    Story("getting started", 14, quiet=(0, 4), sessions=(1, 3), next=Next.COMING),
    Story("meeting today", 8, quiet=(2, 5), sessions=(1, 4), next=Next.TODAY),
    Story("gone quiet", 3, quiet=(12, 18), sessions=(1, 2)),
    Story("asked", 13, quiet=_NOW, sessions=(1, 3), asked=(Reply.NOTHING_YET,)),
    Story("asked and seen", 7, quiet=(0, 1), sessions=(1, 3), asked=(Reply.SEEN,), next=Next.COMING),
    Story("asked into silence", 14, quiet=(6, 16), sessions=(2, 4), asked=(Reply.SILENCE,)),
    Story("asked two", 4, quiet=(6, 9), sessions=(2, 3), asked=(Reply.SILENCE, Reply.ACCEPTED), next=Next.COMING),
    Story("answered late", 4, quiet=(0, 3), sessions=(2, 3), asked=(Reply.LATE,)),
    Story("accepted", 13, quiet=(0, 3), sessions=(2, 3), asked=(Reply.ACCEPTED,), next=Next.COMING),
    Story("on a waiting list", 10, quiet=(1, 8), sessions=(2, 4), asked=(Reply.WAITLISTED,), next=Next.COMING),
    Story("declined by a group", 5, quiet=(0, 4), sessions=(2, 3), asked=(Reply.DECLINED,)),
    Story("declined, then placed", 8, sessions=(2, 3), asked=(Reply.DECLINED,), instead=(Reply.ACCEPTED,)),
    Story("asked something", 5, quiet=(0, 3), sessions=(2, 3), asked=(Reply.PERSON,)),
    Story("going", 30, sessions=(2, 4), asked=(Reply.CAME,), visits=(1, 4), more_sessions=(0, 2), next=Next.COMING),
    Story(
        "going, meeting today", 5, quiet=(1, 3), sessions=(2, 4), asked=(Reply.CAME,), visits=(2, 4), next=Next.TODAY
    ),
    Story("going to two", 6, sessions=(3, 5), asked=(Reply.CAME, Reply.ACCEPTED), visits=(2, 5), next=Next.COMING),
    Story("at the twelfth", 2, sessions=(7, 8), asked=(Reply.CAME,), visits=(2, 4), more_sessions=(4, 4)),
    Story("helped", 62, (2, 70), sessions=(3, 6), asked=(Reply.CAME,), visits=(2, 5), closing=(Closure.GOALS_REACHED,)),
    Story(
        "helped, of their own accord",
        8,
        (2, 60),
        _SELF,
        sessions=(2, 5),
        asked=(Reply.CAME,),
        visits=(2, 4),
        closing=(Closure.GOALS_REACHED,),
    ),
    Story("told of something", 9, quiet=(0, 7), sessions=(1, 3), signposts=2, next=Next.COMING),
    Story("nothing fits", 7, quiet=(0, 7), sessions=(2, 3), unmet=True, next=Next.COMING),
    Story("did not want it", 3, (1, 6), sessions=(2, 3), asked=(Reply.NOTHING_YET,), withdrawn=True, next=Next.COMING),
    Story("ended early", 10, quiet=(3, 80), sessions=(1, 4), closing=_ENDED),
    Story("ended waiting", 4, quiet=(3, 60), sessions=(2, 4), asked=(Reply.WAITLISTED,), closing=_ENDED),
    Story("wrote again", 2, quiet=(1, 3), route=_SELF, sessions=(1, 3), next=Next.COMING, again=True),
)


def cast(people: int) -> Iterator[Story]:
    """A story for each of so many people: every story once, then each as often as its share, in a fixed order."""
    whole = sum(story.people for story in STORIES)
    told = dict.fromkeys(STORIES, 0)
    for number in range(people):
        behind = max(STORIES, key=lambda story: (told[story] == 0, story.people * (number + 1) / whole - told[story]))
        told[behind] += 1
        yield behind
