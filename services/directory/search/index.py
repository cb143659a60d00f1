"""The index: which activities hold which word, in which field, and how much that tells."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from uuid import UUID

from services.directory.domain.activity import Activity
from services.directory.domain.geography import GridPoint
from services.directory.domain.meetings import Day
from services.directory.domain.needs import NEED_BY_CODE
from services.directory.search.meanings import Meanings, read_meanings
from services.directory.search.words import Stemmer, words_of, worth_finding

NAME, NEEDS, PROVIDER, DESCRIPTION = 4.0, 3.0, 2.0, 1.0
SATURATION = 3.0  # so much weight is half of all that a word can add


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity as the search sees it. `points` are where its places lie, once its postcodes are looked up."""

    activity: Activity
    points: tuple[GridPoint, ...]
    days: frozenset[Day]
    online: bool


def entry(activity: Activity, places: Mapping[str, GridPoint]) -> Entry:
    """`places` is where each postcode lies; a feed's own coordinates go before it."""
    listing = activity.listing
    points = (place.point or places.get(place.postcode) for place in listing.places)
    return Entry(activity, tuple(point for point in points if point), frozenset(listing.days), listing.online)


@dataclass(frozen=True, slots=True)
class Index:
    """`names`: the stems of each entry's name. `postings`: term (a stem, or `need:<code>`) -> place in `entries` -> how
    much the term tells of that activity."""

    entries: tuple[Entry, ...]
    names: tuple[frozenset[str], ...]
    postings: Mapping[str, Mapping[int, float]]
    vocabulary: tuple[str, ...]
    meanings: Meanings
    stemmer: Stemmer

    def words_from(self, prefix: str, most: int) -> Sequence[str]:
        """The vocabulary's words that begin so, in order, at most so many."""
        first = bisect_left(self.vocabulary, prefix)
        found = self.vocabulary[first : first + most]
        return [word for word in found if word.startswith(prefix)]

    def with_entries(self, changed: Mapping[UUID, Entry]) -> "Index":
        """The same index with newer facts for activities whose words are the same as before."""
        newer = (changed.get(each.activity.id, each) for each in self.entries)
        return replace(self, entries=tuple(newer))


def need_term(code: str) -> str:
    return f"need:{code}"


def build(entries: Iterable[Entry]) -> Index:
    """About a second for 5,000 activities. Withdrawn ones are left out; the rest stand by name, then id."""
    found = (each for each in entries if not each.activity.listing.withdrawn)
    listed = sorted(found, key=lambda each: (each.activity.listing.name, each.activity.id))
    stemmer = Stemmer()
    weights: dict[str, dict[int, float]] = defaultdict(dict)
    vocabulary: set[str] = set()
    for number, each in enumerate(listed):
        for term, weight in _terms(each.activity, stemmer, vocabulary):
            weights[term][number] = weights[term].get(number, 0.0) + weight
    postings = {term: _told(found, len(listed)) for term, found in weights.items()}
    names = tuple(stems_of(each.activity.listing.name, stemmer) for each in listed)
    return Index(tuple(listed), names, postings, tuple(sorted(vocabulary)), read_meanings(stemmer), stemmer)


def stems_of(text: str, stemmer: Stemmer) -> frozenset[str]:
    """Without the words that every sentence has."""
    return frozenset(stemmer.stem(word) for word in worth_finding(words_of(text)))


def _terms(activity: Activity, stemmer: Stemmer, vocabulary: set[str]) -> Iterator[tuple[str, float]]:
    """Every term of an activity, as often as it stands there, with its field's weight."""
    for text, weight in _fields(activity):
        words = words_of(text)
        vocabulary.update(words)
        for word in words:
            yield stemmer.stem(word), weight
    for code in activity.listing.needs:
        yield need_term(code), NEEDS


def _fields(activity: Activity) -> Iterator[tuple[str, float]]:
    listing = activity.listing
    yield listing.name, NAME
    yield " ".join(NEED_BY_CODE[code].label for code in listing.needs if code in NEED_BY_CODE), NEEDS
    yield listing.provider.name, PROVIDER
    yield " ".join((listing.description, listing.eligibility.words, *listing.languages)), DESCRIPTION
    yield " ".join(place.name for place in listing.places), DESCRIPTION


def _told(found: Mapping[int, float], total: int) -> dict[int, float]:
    """Rare terms tell more; a word said often tells little more than said once."""
    rarity = log(1 + total / len(found))
    return {number: rarity * weight / (weight + SATURATION) for number, weight in found.items()}
