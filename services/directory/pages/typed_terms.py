"""The terms of a search as a person typed them, and what is wrong with them, field by field."""

from collections.abc import Callable
from typing import TypeVar

from services.directory.search.terms import (
    BadTerm,
    Terms,
    checked_accessibility,
    checked_age,
    checked_days,
    checked_miles,
    checked_needs,
    checked_postcode,
    checked_words,
)
from shared.door.forms import Typed, whole_number

Given = TypeVar("Given")
Checked = TypeVar("Checked")


def read_terms(typed: Typed) -> tuple[Terms, dict[str, str]]:
    """The terms that can be used, and a message for each field that cannot."""
    errors: dict[str, str] = {}

    def checked(check: Callable[[Given], Checked], given: Given, otherwise: Checked) -> Checked:
        try:
            return check(given)
        except BadTerm as error:
            errors[error.field] = str(error)
            return otherwise

    terms = Terms(
        words=checked(checked_words, typed.text("words"), ""),
        needs=checked(checked_needs, typed.texts("needs"), ()),
        postcode=checked(checked_postcode, typed.text("postcode"), ""),
        within_miles=checked(_miles, typed.text("within_miles"), None),
        days=checked(checked_days, typed.texts("days"), frozenset()),
        free=typed.text("free") == "yes",
        accessibility=checked(checked_accessibility, typed.texts("accessibility"), frozenset()),
        languages=tuple(each for each in typed.texts("languages") if each),
        age=checked(_age, typed.text("age"), None),
    )
    return terms, errors


def _miles(text: str) -> float | None:
    try:
        return checked_miles(float(text) if text else None)
    except ValueError as error:
        raise BadTerm("within_miles", "Choose how far to look") from error


def _age(text: str) -> int | None:
    age = whole_number(text)
    if text and age is None:
        raise BadTerm("age", "Age must be a whole number, like 52")
    return checked_age(age)
