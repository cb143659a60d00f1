"""Sessions with the person: at most 12 that took place; missed and cancelled ones do not count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.referral.domain.contacts import ContactMode

SESSION_LIMIT = 12
MEETING_MODES = frozenset({ContactMode.FACE_TO_FACE, ContactMode.PHONE, ContactMode.HOME_VISIT, ContactMode.VIDEO})


class SessionState(StrEnum):
    BOOKED = "booked"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"


class SessionError(Exception):
    """A session that cannot be recorded or booked."""


class SessionLimitReached(SessionError):
    def __init__(self) -> None:
        super().__init__(
            f"{SESSION_LIMIT} sessions have taken place, the most there can be. Review the case or close it"
        )


class SessionInFuture(SessionError):
    def __init__(self) -> None:
        super().__init__("The session must be now or earlier. Book a later one instead")


class BookingInPast(SessionError):
    def __init__(self) -> None:
        super().__init__("The next session must be later than now")


class NotAMeeting(SessionError):
    def __init__(self) -> None:
        super().__init__("A session is held face to face, by phone, by video or at home")


class SessionAlreadyRecorded(SessionError):
    def __init__(self) -> None:
        super().__init__("This session has been recorded already")


class SessionAlreadyBooked(SessionError):
    def __init__(self) -> None:
        super().__init__("A session is already booked. Record or cancel it first")


class NoSuchSession(SessionError):
    def __init__(self) -> None:
        super().__init__("There is no session with this number")


@dataclass(frozen=True, slots=True)
class Session:
    """One session. `number` counts all of a case's, from 1; `held` counts those that took place, 1 to 12."""

    number: int
    state: SessionState
    at: datetime
    mode: ContactMode
    held: int | None = None
    note: str = ""


def held_count(sessions: Sequence[Session]) -> int:
    return sum(session.state is SessionState.COMPLETED for session in sessions)


def booked(sessions: Sequence[Session]) -> Session | None:
    """The one session that stands booked, if any."""
    return next((each for each in sessions if each.state is SessionState.BOOKED), None)


def next_number(sessions: Sequence[Session]) -> int:
    """The number under which the next session is recorded: the booked one's, or a new one."""
    standing = booked(sessions)
    return standing.number if standing else len(sessions) + 1


def record(
    sessions: Sequence[Session],
    number: int,
    happened: SessionState,
    at: datetime,
    mode: ContactMode,
    now: datetime,
    note: str = "",
) -> Session:
    """Session `number` as it went. Raises SessionError; the 13th that took place is refused."""
    if number <= len(sessions) and number != next_number(sessions):
        raise SessionAlreadyRecorded
    if number != next_number(sessions):
        raise NoSuchSession
    if mode not in MEETING_MODES:
        raise NotAMeeting
    if at > now and happened is not SessionState.CANCELLED:
        raise SessionInFuture
    held = None
    if happened is SessionState.COMPLETED:
        held = held_count(sessions) + 1
        if held > SESSION_LIMIT:
            raise SessionLimitReached
    return Session(number=number, state=happened, at=at, mode=mode, held=held, note=note.strip())


def book(sessions: Sequence[Session], at: datetime, mode: ContactMode, now: datetime) -> Session:
    """The next session, booked. Raises SessionError."""
    if booked(sessions) is not None:
        raise SessionAlreadyBooked
    if mode not in MEETING_MODES:
        raise NotAMeeting
    if at <= now:
        raise BookingInPast
    if held_count(sessions) >= SESSION_LIMIT:
        raise SessionLimitReached
    return Session(number=len(sessions) + 1, state=SessionState.BOOKED, at=at, mode=mode)


def with_session(sessions: Sequence[Session], session: Session) -> tuple[Session, ...]:
    """The sessions with this one put in its place by number."""
    others = [each for each in sessions if each.number != session.number]
    return tuple(sorted([*others, session], key=lambda each: each.number))
