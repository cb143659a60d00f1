"""Trying to reach the person: how, what came of it, and what their safety rules forbid."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ContactMode(StrEnum):
    """How a contact or a session takes place."""

    PHONE = "phone"
    VIDEO = "video"
    TEXT = "text"
    EMAIL = "email"
    LETTER = "letter"
    FACE_TO_FACE = "face-to-face"
    HOME_VISIT = "home-visit"


class ContactOutcome(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no-answer"
    LEFT_MESSAGE = "left-message"
    WRONG_NUMBER = "wrong-number"


class ContactError(Exception):
    """A contact attempt that cannot be recorded."""


class VoicemailUnsafe(ContactError):
    def __init__(self) -> None:
        super().__init__("It is not safe to leave this person a message. Tell your team lead if one was left")


class NotAVoicemail(ContactError):
    def __init__(self) -> None:
        super().__init__("A message is left by phone only. For a letter, text or email choose “No answer yet”")


class ContactInFuture(ContactError):
    def __init__(self) -> None:
        super().__init__("When you tried must be now or earlier")


@dataclass(frozen=True, slots=True)
class ContactAttempt:
    mode: ContactMode
    outcome: ContactOutcome
    at: datetime
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.outcome is ContactOutcome.REACHED


def attempt(
    mode: ContactMode,
    outcome: ContactOutcome,
    at: datetime,
    now: datetime,
    *,
    voicemail_safe: bool,
    note: str = "",
) -> ContactAttempt:
    """A contact attempt as it may be recorded. Raises ContactError."""
    if at > now:
        raise ContactInFuture
    if outcome is ContactOutcome.LEFT_MESSAGE and mode is not ContactMode.PHONE:
        raise NotAVoicemail
    if outcome is ContactOutcome.LEFT_MESSAGE and not voicemail_safe:
        raise VoicemailUnsafe
    return ContactAttempt(mode=mode, outcome=outcome, at=at, note=note.strip())
