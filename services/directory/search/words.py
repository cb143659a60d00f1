"""The words people type and the words listings use, brought to the same stems."""

import re
from dataclasses import dataclass, field
from typing import Protocol

import snowballstemmer

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_IN_EVERY_SENTENCE = """
a about an and any are as at be but by can do for from get group groups has have he her him his i if im in is it like
likes me my need needs of on or our she so some someone that the their them they this to up us want wants was we who
with would you your
"""
PASSED_OVER = frozenset(_IN_EVERY_SENTENCE.split())


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without apostrophes: "Men's Shed" -> men, shed; "can't" -> cant."""
    return [_plain(found) for found in WORD.findall(text.casefold())]


def _plain(word: str) -> str:
    whole = word.replace("’", "'")
    return whole.removesuffix("'s").replace("'", "")


def worth_finding(words: list[str]) -> list[str]:
    """Without the words that every sentence has; all of them, when nothing else was typed."""
    return [word for word in words if word not in PASSED_OVER] or words


class _Snowball(Protocol):
    def stemWord(self, word: str, /) -> str: ...  # noqa: N802 — the library's own name


def _english() -> _Snowball:
    english: _Snowball = snowballstemmer.stemmer("english")
    return english


@dataclass(slots=True)
class Stemmer:
    """The Snowball English stemmer, remembering what it has seen. Not for use by two threads at once."""

    seen: dict[str, str] = field(default_factory=dict)
    snowball: _Snowball = field(default_factory=_english)

    def stem(self, word: str) -> str:
        if word not in self.seen:
            self.seen[word] = self.snowball.stemWord(word)
        return self.seen[word]
