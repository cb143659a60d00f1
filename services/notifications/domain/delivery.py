"""What becomes of a message: the states it goes through and what may happen in each."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notifications.domain.contact import Channel, Withheld


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    TO_PRINT = "to_print"
    SENDING = "sending"
    SENT = "sent"
    POSTED = "posted"
    FAILED = "failed"
    WITHHELD = "withheld"
    UNSURE = "unsure"


class Waiting(StrEnum):
    """What a queued message waits for."""

    NOTHING = ""
    REFERRAL = "referral"
    REQUEST = "request"
    LISTING = "listing"
    CONTACT = "contact"
    RETRY = "retry"


class Failure(StrEnum):
    """Why a message could not be sent, or why nobody can tell."""

    REFUSED = "refused"
    TRIES_USED_UP = "tries-used-up"
    NOT_KNOWN = "not-known-whether-sent"


class NotPossible(Exception):
    """The message is not in a state in which this can be done. The message is a sentence for people."""


# Between tries, while the mail server cannot be reached or says "later": about a day and a half in all.
WAITS = tuple(timedelta(seconds=s) for s in (30, 120, 600, 3600, 4 * 3600, 8 * 3600, 24 * 3600))
LOOK_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one message has come. `waits_for` is the id of what is missing, `due` when to look again."""

    state: State = State.QUEUED
    channel: Channel | None = None
    waiting: Waiting = Waiting.NOTHING
    waits_for: UUID | None = None
    tries: int = 0
    due: datetime | None = None
    settled_at: datetime | None = None
    reason: str = ""


def _ready(delivery: Delivery) -> Delivery:
    return replace(delivery, waiting=Waiting.NOTHING, waits_for=None, due=None)


def wait_for(delivery: Delivery, what: Waiting, which: UUID, at: datetime) -> Delivery:
    """Stay queued until something that the message needs has arrived; its arrival brings `due` forward."""
    return replace(delivery, waiting=what, waits_for=which, due=at + LOOK_AGAIN)


def withhold(delivery: Delivery, reason: Withheld, at: datetime) -> Delivery:
    """Send nothing, and say why."""
    return replace(_ready(delivery), state=State.WITHHELD, reason=reason, settled_at=at)


def to_print(delivery: Delivery) -> Delivery:
    """Lay the letter out for somebody to print."""
    return replace(_ready(delivery), state=State.TO_PRINT, channel=Channel.LETTER)


def posted(delivery: Delivery, at: datetime) -> Delivery:
    """The letter has gone to the post."""
    if delivery.state is not State.TO_PRINT:
        raise NotPossible("This letter is not waiting to be printed.")
    return replace(delivery, state=State.POSTED, settled_at=at)


def start_sending(delivery: Delivery) -> Delivery:
    """About to speak to the mail server; committed before the first word, so that a crash leaves a trace."""
    if delivery.state is not State.QUEUED:
        raise NotPossible("Only a queued message can be sent.")
    return replace(_ready(delivery), state=State.SENDING, channel=Channel.EMAIL, tries=delivery.tries + 1)


def sent(delivery: Delivery, at: datetime) -> Delivery:
    """The mail server took it."""
    return replace(delivery, state=State.SENT, reason="", settled_at=at)


def refused(delivery: Delivery, at: datetime) -> Delivery:
    """The mail server will never take it."""
    return replace(delivery, state=State.FAILED, reason=Failure.REFUSED, settled_at=at)


def put_off(delivery: Delivery, at: datetime) -> Delivery:
    """The mail server surely did not take it: queued again, with growing waits, until the tries are used up."""
    if delivery.tries > len(WAITS):
        return replace(delivery, state=State.FAILED, reason=Failure.TRIES_USED_UP, settled_at=at)
    return replace(delivery, state=State.QUEUED, waiting=Waiting.RETRY, due=at + WAITS[delivery.tries - 1])


def lose_track(delivery: Delivery, at: datetime) -> Delivery:
    """Nobody can tell whether the mail server took it. Sending again by itself could tell somebody twice."""
    return replace(delivery, state=State.UNSURE, reason=Failure.NOT_KNOWN, settled_at=at)


def send_again(delivery: Delivery) -> Delivery:
    """A person decided that the message shall go again: only what failed or was lost track of."""
    if delivery.state not in (State.FAILED, State.UNSURE):
        raise NotPossible("Only a message that failed, or is not known to be sent, can be sent again.")
    return Delivery()
