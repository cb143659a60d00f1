"""Soonest help first: what fits, in the order words × distance × chance of room, with each reason kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import exp, inf

from services.directory.domain.activity import Activity, ListingStatus
from services.directory.domain.capacity import CHANCES, CapacityStatus, chance_of_room
from services.directory.domain.cost import CostKind
from services.directory.search.index import Entry, Index, stems_of
from services.directory.search.relevance import relevance
from services.directory.search.terms import Search, Terms

FADING_DISTANCE = 2.0  # miles: at this distance an activity counts 1/e of what it counts next door
WITHOUT_PLACE = {True: exp(-0.5), False: exp(-1.0)}  # online: a mile's worth; nowhere known: two miles' worth


@dataclass(frozen=True, slots=True)
class Hit:
    """One activity that was found. `miles` None: no distance can be said."""

    activity: Activity
    miles: float | None


def rank(index: Index, search: Search, now: datetime) -> list[Hit]:
    """Every activity that fits, best first; equal ones by distance, name and id, so the order is always the same."""
    found = sorted(_found(index, search, now))
    return [Hit(index.entries[each].activity, None if far == inf else far) for _, _, far, each in found]


def _found(index: Index, search: Search, now: datetime) -> Iterator[tuple[bool, float, float, int]]:
    """What a place in the list goes by: called by its name, score, miles, place in the index (which is by name)."""
    typed = stems_of(search.terms.words, index.stemmer)
    for number, relevant in _candidates(index, search.terms):
        each = index.entries[number]
        miles = _miles(each, search)
        if _fits(each, search, miles):
            near = _nearness(miles, online=each.online) if search.origin else 1.0
            score = relevant * near * _chance(each.activity, now)
            yield not _called(index.names[number], typed), -score, inf if miles is None else miles, number


def _called(name: frozenset[str], typed: frozenset[str]) -> bool:
    """Whoever types a whole name looks for that group, wherever it is; a name of one word may just be a word."""
    return len(name) > 1 and name <= typed


def _candidates(index: Index, terms: Terms) -> Iterator[tuple[int, float]]:
    """Place and relevance, weighed by how many of the needs that were asked for it meets; none of them: left out."""
    found = relevance(index, terms.words)
    everything = range(len(index.entries))
    for number in everything if found is None else found:
        relevant = 1.0 if found is None else found[number]
        if not terms.needs:
            yield number, relevant
        elif met := sum(code in index.entries[number].activity.listing.needs for code in terms.needs):
            yield number, relevant * (1 + met / len(terms.needs)) / 2


def _miles(each: Entry, search: Search) -> float | None:
    if search.origin is None or not each.points:
        return None
    return min(map(search.origin.miles_to, each.points))


def _fits(each: Entry, search: Search, miles: float | None) -> bool:
    terms, listing = search.terms, each.activity.listing
    return (
        (not terms.days or not terms.days.isdisjoint(each.days))
        and (not terms.free or listing.cost.kind is CostKind.FREE)
        and terms.accessibility.issubset(listing.accessibility)
        and (not terms.languages or _speaks(each, terms))
        and _suits_age(each, terms.age)
        and _near_enough(each, search, miles)
    )


def _speaks(each: Entry, terms: Terms) -> bool:
    spoken = {language.casefold() for language in each.activity.listing.languages}
    return all(language.casefold() in spoken for language in terms.languages)


def _suits_age(each: Entry, age: int | None) -> bool:
    """Nothing said about ages keeps nobody out."""
    if age is None:
        return True
    rules = each.activity.listing.eligibility
    return (rules.minimum_age or 0) <= age and (rules.maximum_age is None or age <= rules.maximum_age)


def _near_enough(each: Entry, search: Search, miles: float | None) -> bool:
    """Online is near to everyone. A limit without a place that is known to measure from limits nothing."""
    limit = search.terms.within_miles
    if limit is None or search.origin is None or each.online:
        return True
    return miles is not None and miles <= limit


def _nearness(miles: float | None, *, online: bool) -> float:
    by_place = 0.0 if miles is None else exp(-miles / FADING_DISTANCE)
    return max(by_place, WITHOUT_PLACE[True]) if online else by_place or WITHOUT_PLACE[False]


def _chance(activity: Activity, now: datetime) -> float:
    if activity.listing.status is ListingStatus.CLOSED_FOR_NOW:
        return CHANCES[CapacityStatus.NO_CAPACITY]
    return chance_of_room(activity.capacity, now)
