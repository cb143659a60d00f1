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
    """What a provider does with a request. `SILENCE` falls due when the timers run; `NEVER` did long ago."""

    NOTHING_YET = "nothing-yet"
    SEEN = "seen"
    SILENCE = "silence"
    NEVER = "never"
    LATE = "late"
    ACCEPTED = "accepted"
    CAME = "came"
    FINISHED = "finished"
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
_REACHED = (Closure.GOALS_REACHED,)
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
    Story("declined", 8, quiet=(1, 120), decision=Decision.DECLINED),
    Story("first contact due", 4, quiet=(1, 1), calls=(0, 0), reached=False),
    Story("first contact overdue", 4, quiet=(4, 7), calls=(0, 1), reached=False),
    Story("no answer so far", 3, quiet=(1, 3), calls=(2, 2), reached=False),
    Story("could not reach", 11, (3, 110), calls=(3, 3), reached=False, closing=(Closure.COULD_NOT_REACH,)),
    Story("first session today", 3, quiet=_NOW, next=Next.TODAY),
    Story("first session booked", 6, quiet=_NOW, next=Next.COMING),
    Story("session not recorded", 3, quiet=(1, 2), sessions=(0, 2), next=Next.NOT_RECORDED),
    Story("getting started", 11, quiet=(0, 4), sessions=(1, 3), next=Next.COMING),
    Story("meeting today", 7, quiet=(2, 5), sessions=(1, 4), next=Next.TODAY),
    Story("gone quiet", 3, quiet=(12, 18), sessions=(1, 2)),
    Story("asked", 11, quiet=_NOW, sessions=(1, 3), asked=(Reply.NOTHING_YET,)),
    Story("asked and seen", 6, quiet=(0, 1), sessions=(1, 3), asked=(Reply.SEEN,), next=Next.COMING),
    Story("asked into silence", 12, quiet=(6, 16), sessions=(2, 4), asked=(Reply.SILENCE,)),
    Story("asked two", 4, quiet=(6, 9), sessions=(2, 3), asked=(Reply.SILENCE, Reply.ACCEPTED), next=Next.COMING),
    Story("answered late", 4, quiet=(0, 3), sessions=(2, 3), asked=(Reply.LATE,)),
    Story("accepted", 11, quiet=(0, 3), sessions=(2, 3), asked=(Reply.ACCEPTED,), next=Next.COMING),
    Story("on a waiting list", 8, quiet=(1, 8), sessions=(2, 4), asked=(Reply.WAITLISTED,), next=Next.COMING),
    Story("declined by a group", 5, quiet=(0, 4), sessions=(2, 3), asked=(Reply.DECLINED,)),
    Story("declined, then placed", 6, sessions=(2, 3), asked=(Reply.DECLINED,), instead=(Reply.ACCEPTED,)),
    Story("asked something", 5, quiet=(0, 3), sessions=(2, 3), asked=(Reply.PERSON,)),
    Story("going", 23, sessions=(2, 4), asked=(Reply.CAME,), visits=(1, 4), more_sessions=(0, 2), next=Next.COMING),
    Story(
        "going, meeting today", 5, quiet=(1, 3), sessions=(2, 4), asked=(Reply.CAME,), visits=(2, 4), next=Next.TODAY
    ),
    Story("going to two", 5, sessions=(3, 5), asked=(Reply.CAME, Reply.ACCEPTED), visits=(2, 5), next=Next.COMING),
    Story("at the twelfth", 2, sessions=(7, 8), asked=(Reply.CAME,), visits=(2, 4), more_sessions=(4, 4)),
    Story("helped", 86, (2, 100), sessions=(2, 5), asked=(Reply.FINISHED,), visits=(2, 4), closing=_REACHED),
    Story(
        "helped, of their own accord",
        9,
        (2, 90),
        _SELF,
        sessions=(2, 4),
        asked=(Reply.CAME,),
        visits=(2, 4),
        closing=_REACHED,
    ),
    Story("told of something", 6, quiet=(0, 7), sessions=(1, 3), signposts=2, next=Next.COMING),
    Story("nothing fits", 5, quiet=(0, 7), sessions=(2, 3), unmet=True, next=Next.COMING),
    Story("did not want it", 3, (1, 6), sessions=(2, 3), asked=(Reply.NOTHING_YET,), withdrawn=True, next=Next.COMING),
    Story("ended early", 22, quiet=(3, 110), sessions=(1, 3), closing=_ENDED),
    Story("ended with advice", 8, quiet=(3, 100), sessions=(1, 3), signposts=1, closing=_REACHED),
    Story("ended with nothing that fits", 6, quiet=(3, 100), sessions=(2, 3), unmet=True, closing=_ENDED),
    Story("ended waiting", 8, quiet=(3, 90), sessions=(2, 3), asked=(Reply.WAITLISTED,), closing=_ENDED),
    Story("ended in silence", 12, quiet=(3, 90), sessions=(2, 3), asked=(Reply.NEVER,), closing=_ENDED),
    Story("ended after a no", 6, quiet=(3, 90), sessions=(2, 3), asked=(Reply.DECLINED,), closing=_ENDED),
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
