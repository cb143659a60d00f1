"""What people say and the need they mean: "lonely", "on my own" and "befriending" all find help with loneliness."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.directory.search.words import Stemmer, words_of

FILE = Path(__file__).with_name("meanings.json")
LONGEST_PHRASE = 4


@dataclass(frozen=True, slots=True)
class Meanings:
    """`needs` by phrase, as the tuple of its words' stems; `words` are the single words, as typed."""

    needs: dict[tuple[str, ...], frozenset[str]]
    words: frozenset[str]

    def said_in(self, stems: Sequence[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
        """Each phrase that stands in a row of stems: where it begins, where it ends (not included), and its needs."""
        for begin in range(len(stems)):
            for end in range(begin + 1, min(begin + LONGEST_PHRASE, len(stems)) + 1):
                if meant := self.needs.get(tuple(stems[begin:end])):
                    yield begin, end, meant


def read_meanings(stemmer: Stemmer) -> Meanings:
    """From the committed file: need code -> phrases."""
    needs: dict[tuple[str, ...], set[str]] = defaultdict(set)
    words: set[str] = set()
    for code, phrases in json.loads(FILE.read_text(encoding="utf-8")).items():
        for phrase in [code.replace("-", " "), *phrases]:
            parts = words_of(phrase)
            needs[tuple(stemmer.stem(part) for part in parts)].add(code)
            words.update(parts if len(parts) == 1 else ())
    return Meanings({phrase: frozenset(codes) for phrase, codes in needs.items()}, frozenset(words))
