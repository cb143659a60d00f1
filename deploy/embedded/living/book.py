"""The words and names from which the people of the demonstration are made, and where they may live."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from services.directory.imports.postcodes import PostcodeRow, read_postcodes


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the borough, and whether those who speak it may want an interpreter."""

    name: str
    interpreter: bool
    weight: int


@dataclass(frozen=True, slots=True)
class Book:
    """What `people.json` says. `matters` and `goals` are by reason, `streets` and `postcodes` by outward postcode;
    `lists` are the plain lists by name, `words` those that go with a code."""

    reasons: Mapping[str, int]
    matters: Mapping[str, Sequence[str]]
    goals: Mapping[str, Sequence[str]]
    languages: Sequence[Language]
    streets: Mapping[str, Sequence[str]]
    postcodes: Mapping[str, Sequence[str]]
    lists: Mapping[str, Sequence[str]]
    words: Mapping[str, Mapping[str, Sequence[str]]]

    def one(self, name: str, dice: Random) -> str:
        """Something from a list."""
        return dice.choice(self.lists[name])

    def said(self, name: str, code: str, dice: Random) -> str:
        """Something that goes with a code; "" where nothing does."""
        found = self.words[name].get(code, ())
        return dice.choice(found) if found else ""


def read_book(network: Path) -> Book:
    """From the folder of the carried network."""
    said: dict[str, Any] = json.loads((network / "people.json").read_text())
    streets: Mapping[str, Sequence[str]] = said["streets"]
    return Book(
        reasons=said["reasons"],
        matters=_by_reason(said["what_matters"]),
        goals=_by_reason(said["goals"]),
        languages=[Language(**each) for each in said["languages"]],
        streets=streets,
        postcodes=_postcodes(network / "postcodes.csv", streets),
        lists={name: found for name, found in said.items() if isinstance(found, list)},
        words={name: said[name] for name in ("decline_words", "closing_words")},
    )


def _by_reason(sayings: list[dict[str, str]]) -> Mapping[str, Sequence[str]]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for each in sayings:
        by_reason[each["reason"]].append(each["words"])
    return by_reason


def _postcodes(file: Path, areas: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    by_area: dict[str, list[str]] = defaultdict(list)
    with file.open("rb") as source:
        for row in read_postcodes(source):
            if isinstance(row, PostcodeRow) and (area := row.postcode.split()[0]) in areas:
                by_area[area].append(row.postcode)
    return by_area
