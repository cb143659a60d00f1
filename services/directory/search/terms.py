"""What is searched for: the terms of one search, checked before anything is looked up."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.directory.domain.accessibility import ACCESSIBILITY
from services.directory.domain.geography import GridPoint, NotAPostcode, tidy_postcode
from services.directory.domain.meetings import Day
from services.directory.domain.needs import NEED_BY_CODE

MOST_MILES = 100.0
MOST_WORDS = 200
OLDEST = 120


class BadTerm(ValueError):
    """One of the terms cannot be used; `field` names it as it was sent."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Terms:
    """`postcode` is tidy, whole or its first half, or "". `days`: any of them. `accessibility`, `languages`: all."""

    words: str = ""
    needs: tuple[str, ...] = ()
    postcode: str = ""
    within_miles: float | None = None
    days: frozenset[Day] = frozenset()
    free: bool = False
    accessibility: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """The terms, with where their postcode lies: None when none was given or nobody knows it."""

    terms: Terms
    origin: GridPoint | None = None


def checked_postcode(text: str) -> str:
    """Tidy, or "" for none. Raises BadTerm."""
    try:
        return tidy_postcode(text) if text.strip() else ""
    except NotAPostcode as error:
        raise BadTerm("postcode", str(error)) from error


def checked_needs(codes: Iterable[str]) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(codes))
    if unknown := [code for code in given if code not in NEED_BY_CODE]:
        raise BadTerm("needs", f"There is no need called {unknown[0]!r}")
    return given


def checked_days(codes: Iterable[str]) -> frozenset[Day]:
    try:
        return frozenset(Day(code.upper()) for code in codes)
    except ValueError as error:
        raise BadTerm("days", "Days are MO, TU, WE, TH, FR, SA and SU") from error


def checked_accessibility(codes: Iterable[str]) -> frozenset[str]:
    given = frozenset(codes)
    if unknown := sorted(given.difference(ACCESSIBILITY)):
        raise BadTerm("accessibility", f"There is no access need called {unknown[0]!r}")
    return given


def checked_miles(miles: float | None) -> float | None:
    if miles is not None and not 0 < miles <= MOST_MILES:
        raise BadTerm("within_miles", f"Miles must be more than 0 and no more than {MOST_MILES:.0f}")
    return miles


def checked_age(age: int | None) -> int | None:
    if age is not None and not 0 <= age <= OLDEST:
        raise BadTerm("age", f"Age must be between 0 and {OLDEST}")
    return age


def checked_words(words: str) -> str:
    if len(words) > MOST_WORDS:
        raise BadTerm("words", f"Search for {MOST_WORDS} letters or fewer")
    return words.strip()
