"""What a listing helps with and how people can get in: Kith's codes, from a feed's terms and, cautiously, its words.

The two data files beside this one say it: `terms` are whole taxonomy terms of feeds, `name` words that count in a
listing's name, `text` phrases so plain that they count in its description too. A word ending in * has longer forms.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.directory.imports.fields import Node, node, nodes, text

MOST_AUDIENCES = 4  # a listing said to be for more kinds of people than this is for everyone


@dataclass(frozen=True, slots=True)
class Term:
    """One taxonomy term that a feed put on a listing."""

    vocabulary: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    terms: frozenset[str]
    name: re.Pattern[str] | None
    text: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A code list and how to recognise its codes. Under the name `scheme` a feed may give them outright."""

    scheme: str
    rules: tuple[Rule, ...]

    def codes(self, terms: Iterable[Term], name: str, words: str) -> tuple[str, ...]:
        """The codes given outright, in the feed's order, when there are any; else those recognised."""
        given = tuple(dict.fromkeys(t.code for t in terms if t.vocabulary == self.scheme))
        known = {rule.code for rule in self.rules}
        if given:
            return tuple(code for code in given if code in known)
        said = {form for t in terms for form in (t.name.lower(), t.code.lower()) if form}
        return tuple(rule.code for rule in self.rules if _recognised(rule, said, name, words))


def needs() -> Vocabulary:
    """Kith's reasons for referral."""
    return _vocabulary("Kith's reasons", "needs.json")


def accessibility() -> Vocabulary:
    return _vocabulary("Kith's accessibility", "accessibility.json")


def terms(parent: Node) -> list[Term]:
    """3.0's attributes, 1.x's service_taxonomys, and the audiences one vendor adds."""
    found = [_term(node(a, "taxonomy_term") or a) for a in nodes(parent, "attributes", "taxonomies", "taxonomy_terms")]
    found += [_term(node(linked, "taxonomy")) for linked in nodes(parent, "service_taxonomys", "link_taxonomies")]
    audiences = [Term("audience", "", text(a, "audienceType")) for a in nodes(parent, "pc_targetAudience")]
    found += audiences if len(audiences) <= MOST_AUDIENCES else []
    return [term for term in found if term.name or term.code]


def _term(found: Node) -> Term:
    vocabulary = text(found, "taxonomy", "vocabulary") or text(node(found, "taxonomy_detail"), "name")
    return Term(vocabulary, text(found, "code"), " ".join(text(found, "name").split()))


def _recognised(rule: Rule, said: set[str], name: str, words: str) -> bool:
    in_name = rule.name is not None and rule.name.search(name) is not None
    in_text = rule.text is not None and rule.text.search(f"{name}\n{words}") is not None
    return in_name or in_text or not said.isdisjoint(rule.terms)


@cache
def _vocabulary(scheme: str, file: str) -> Vocabulary:
    content: Mapping[str, Mapping[str, list[str]]] = json.loads(Path(__file__).with_name(file).read_text("utf-8"))
    rules = (
        Rule(code, frozenset(how["terms"]), _any_of(how["name"]), _any_of(how["text"])) for code, how in content.items()
    )
    return Vocabulary(scheme, tuple(rules))


def _any_of(phrases: list[str]) -> re.Pattern[str] | None:
    forms = (re.escape(phrase.removesuffix("*")) + (r"\w*" if phrase.endswith("*") else "") for phrase in phrases)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE) if phrases else None
