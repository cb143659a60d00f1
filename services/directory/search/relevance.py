"""How well an activity answers what was typed, allowing for word endings, unfinished words and one wrong letter."""

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from services.directory.search.index import Index, need_term
from services.directory.search.words import PASSED_OVER, words_of, worth_finding

EXACT, MEANT, BEGUN, MISSPELT = 1.0, 0.9, 0.7, 0.6
SHORTEST_BEGINNING = 3
SHORTEST_MISSPELT = 5
MOST_BEGUN = 40

Alternatives = dict[str, float]  # term -> how far it stands for the word that was typed


def relevance(index: Index, typed: str) -> dict[int, float] | None:
    """Place in the index -> relevance above 0, for each activity that holds any of the words; None: no word was typed.

    An activity with more of the words goes before one that has a single word often.
    """
    words = words_of(typed)
    asked = [found for found in _alternatives(index, words) if found is not None]
    if not asked:
        return None
    totals: dict[int, float] = {}
    matched: dict[int, int] = {}
    for alternatives in asked:
        for number, score in _best(index, alternatives).items():
            totals[number] = totals.get(number, 0.0) + score
            matched[number] = matched.get(number, 0) + 1
    return {number: total * matched[number] / len(asked) for number, total in totals.items()}


def _best(index: Index, alternatives: Alternatives) -> dict[int, float]:
    best: dict[int, float] = {}
    for term, stands_for in alternatives.items():
        for number, weight in index.postings.get(term, {}).items():
            best[number] = max(best.get(number, 0.0), weight * stands_for)
    return best


def _alternatives(index: Index, words: Sequence[str]) -> Iterator[Alternatives | None]:
    """What each word may stand for; None for a word that every sentence has, unless a phrase gives it a meaning."""
    finding = set(worth_finding(list(words)))
    meant = _meant(index, [index.stemmer.stem(word) for word in words])
    for place, word in enumerate(words):
        if word in finding:
            yield _written(index, word, meant[place]) | meant[place]
        else:
            yield meant[place] or None


def _meant(index: Index, stems: Sequence[str]) -> list[Alternatives]:
    meant: list[Alternatives] = [{} for _ in stems]
    for begin, end, codes in index.meanings.said_in(stems):
        for place in range(begin, end):
            meant[place].update((need_term(code), MEANT) for code in codes)
    return meant


def _written(index: Index, word: str, meant: Alternatives) -> Alternatives:
    stem = index.stemmer.stem
    found: Alternatives = {}
    if len(word) >= SHORTEST_BEGINNING:
        found.update((stem(begun), BEGUN) for begun in index.words_from(word, MOST_BEGUN))
    if stem(word) in index.postings:
        found[stem(word)] = EXACT
    return found or meant or _misspelt(index, word)


def _misspelt(index: Index, word: str) -> Alternatives:
    """The words one letter away, or one swap of neighbours: "befrending", "lonley"."""
    if len(word) < SHORTEST_MISSPELT:
        return {}
    found: Alternatives = {}
    for known in (*index.vocabulary, *index.meanings.words):
        if abs(len(known) - len(word)) > 1 or known in PASSED_OVER or OSA.distance(word, known, score_cutoff=1) > 1:
            continue
        stem = index.stemmer.stem(known)
        found[stem] = MISSPELT
        found.update((need_term(code), MISSPELT) for code in index.meanings.needs.get((stem,), frozenset()))
    return found
