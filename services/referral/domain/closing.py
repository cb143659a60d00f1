"""Closing a case, and what must be settled first: nobody's request is left to answer into silence."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.referral.domain.prescriptions import AWAITING, SETTLED, RequestState
from services.referral.domain.referral import CARRIED, Closure, NotOpen, Referral, Status


class RequestsOpen(Exception):
    """Requests for places are still open; closing has to be confirmed."""

    def __init__(self, references: tuple[str, ...]) -> None:
        self.references = references
        words = "1 request is" if len(references) == 1 else f"{len(references)} requests are"
        super().__init__(f"{words} still open. Say that you want to close the case all the same")


class WordsNeeded(Exception):
    def __init__(self) -> None:
        super().__init__("Say in a few words why the case is closed")


def still_open(requests: Mapping[str, RequestState]) -> tuple[str, ...]:
    """The references of requests of which something may yet come."""
    return tuple(sorted(reference for reference, state in requests.items() if state not in SETTLED))


def taken_back(requests: Mapping[str, RequestState]) -> tuple[str, ...]:
    """The requests that closing takes back. A place that was promised or taken up stays the person's own."""
    return tuple(sorted(reference for reference, state in requests.items() if state in AWAITING))


def close(
    referral: Referral,
    requests: Mapping[str, RequestState],
    reason: Closure,
    words: str,
    at: datetime,
    *,
    confirmed: bool,
) -> Referral:
    """The case closed. Raises NotOpen, WordsNeeded, or RequestsOpen unless confirmed."""
    if referral.status not in CARRIED:
        raise NotOpen("Only a case that a link worker carries can be closed.")
    if reason is Closure.OTHER and not words.strip():
        raise WordsNeeded
    if (waiting := still_open(requests)) and not confirmed:
        raise RequestsOpen(waiting)
    return replace(referral, status=Status.CLOSED, closure=reason, ended_at=at)
