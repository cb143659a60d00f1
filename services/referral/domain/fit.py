"""Does this activity fit the person? A coarse answer when a place is asked for, and what is left to check."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.referral.domain.person import PersonDetails, age_on

# Codes of the directory that their own words do not say.
_SAID = {"step-free": "step-free access", "bsl": "British Sign Language", "quiet": "quiet space"}


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an activity asks of people and offers them, as last heard; ages in years, `area` an outward postcode."""

    minimum_age: int | None = None
    maximum_age: int | None = None
    eligibility: str = ""
    area: str | None = None
    accessibility: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """`meets_rules` is all a provider is told; the sentences are for the link worker."""

    meets_rules: Answer
    fits: tuple[str, ...]
    check: tuple[str, ...]


def _age(offer: Offer, age: int) -> tuple[Answer, str]:
    low, high = offer.minimum_age, offer.maximum_age
    if low is None and high is None:
        return Answer.UNKNOWN, "Age: the group has not said whom it takes"
    limits = f"up to {high}" if low is None else f"{low} and over" if high is None else f"{low} to {high}"
    inside = (low is None or age >= low) and (high is None or age <= high)
    return Answer.YES if inside else Answer.NO, f"Age {age}: the group takes people aged {limits}"


def _area(offer: Offer, postcode: str) -> str:
    outward = postcode.split(" ")[0]
    if not offer.area:
        return "Area: the group has not said where it is"
    if not outward:
        return f"Area: the group is in {offer.area}, the person's postcode is not known"
    if outward == offer.area:
        return ""
    return f"Area: the group is in {offer.area}, the person lives in {outward}. Can they get there?"


def _others(offer: Offer, person: PersonDetails) -> list[str]:
    checks = []
    if offer.eligibility:
        checks.append(f"The group says: {offer.eligibility}")
    if person.adjustments:
        known = ", ".join(_SAID.get(each, each.replace("-", " ")) for each in offer.accessibility) or "nothing"
        checks.append(f"The person needs: {person.adjustments}. The group says: {known}")
    spoken = person.language.casefold()
    if spoken not in ("", "english", "en") and spoken not in {each.casefold() for each in offer.languages}:
        checks.append(f"The person speaks {person.language}. The group has not said that it does")
    return checks


def fit(offer: Offer, person: PersonDetails, today: date) -> Fit:
    """Age decides, since only ages are stated as rules; where the group is and what else it says is left to check."""
    answer, words = _age(offer, age_on(person.born_on, today))
    fits = [words] if answer is Answer.YES else []
    checks = [] if answer is Answer.YES else [words]
    where = _area(offer, person.postcode)
    if where:
        checks.append(where)
    else:
        fits.append(f"Area: the group is in {offer.area}, where the person lives")
    return Fit(answer, tuple(fits), (*checks, *_others(offer, person)))
