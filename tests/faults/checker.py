"""Compares what was acknowledged with what is there: what was lost, doubled, made up, put in another order, or changed.

Pure: it is given what acknowledged requests promised and what stores, streams and mailbox hold, however it was read.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise


class Fault(StrEnum):
    """What may have gone wrong."""

    LOST = "lost"
    DOUBLED = "doubled"
    UNASKED = "unasked"
    REORDERED = "reordered"
    CHANGED = "changed"
    BROKEN = "broken"
    """A promise about something else than data: an answer of the wrong kind, an end that came too late."""


@dataclass(frozen=True, slots=True, order=True)
class Effect:
    """One thing that stands somewhere: `place` is a table, a stream or the mailbox, `what` tells it from others."""

    place: str
    what: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that went wrong with one thing."""

    fault: Fault
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Said:
    """One record of a stream. `number` is its event's sequence, which counts the events about its `subject`."""

    stream: str
    key: str
    subject: str
    number: int
    id: str
    what: str


@dataclass
class History:
    """What was asked for, what was acknowledged, and what came of it, as far as each side knows.

    `asked`: invocations, also those that were never answered. `acknowledged`: by stream and key, in order. `log`: what
    the streams hold, partition by partition, where a crash may repeat things. `applied`: by reader, what it acted on,
    in its own order, where nothing may be repeated.
    """

    asked: list[Effect] = field(default_factory=list)
    acknowledged: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    log: list[Said] = field(default_factory=list)
    applied: dict[str, list[Said]] = field(default_factory=dict)


def judge(history: History) -> list[Finding]:
    """Everything acknowledged is said once and in order, nothing unasked is, and each reader acted on it all once."""
    promised = [Effect(stream, what) for (stream, _), whats in history.acknowledged.items() for what in whats]
    unsure = (Counter(history.asked) - Counter(promised)).elements()
    heard = heard_once(history.log)
    return [
        *compare(promised, [Effect(said.stream, said.what) for said in heard], unsure),
        *compare_numbers(history.log),
        *compare_order(history.acknowledged, history.log),
        *(finding for reader, applied in history.applied.items() for finding in _acted_on(reader, heard, applied)),
    ]


def _acted_on(reader: str, heard: Iterable[Said], applied: Sequence[Said]) -> list[Finding]:
    owed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for said in heard:
        owed[reader, said.key].append(said.id)
    once = [Effect(reader, id_) for ids in owed.values() for id_ in ids]
    acts = [Said(reader, said.key, said.subject, said.number, said.id, said.id) for said in applied]
    return [*compare(once, [Effect(reader, act.id) for act in acts]), *compare_order(owed, acts)]


def compare(promised: Iterable[Effect], found: Iterable[Effect], possible: Iterable[Effect] = ()) -> list[Finding]:
    """Each promised effect is there as often as promised, each `possible` one at most once more, and nothing else is.

    Possible is what nobody can know: a request never answered, a message not known to be sent.
    """
    least, there, perhaps = Counter(promised), Counter(found), Counter(possible)
    most = least + perhaps
    lost = [Finding(Fault.LOST, e.place, e.what) for e in least if there[e] < least[e]]
    over = [Finding(_excess(most[e]), e.place, e.what) for e in there if there[e] > most[e]]
    return sorted(lost + over)


def _excess(allowed: int) -> Fault:
    return Fault.DOUBLED if allowed else Fault.UNASKED


def heard_once(log: Iterable[Said]) -> list[Said]:
    """A log as its readers hear it: a crash may repeat a record, and the later copies of an id are dropped."""
    first: dict[tuple[str, str], Said] = {}
    for said in log:
        first.setdefault((said.stream, said.id), said)
    return list(first.values())


def compare_numbers(log: Iterable[Said]) -> list[Finding]:
    """The events about each subject count 1, 2, 3 … as they come, repeats aside."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for said in heard_once(log):
        numbers[said.stream, said.subject].append(said.number)
    return sorted(finding for place, found in numbers.items() for finding in _miscounted(*place, found))


def _miscounted(stream: str, subject: str, found: Sequence[int]) -> list[Finding]:
    there = Counter(found)
    lost = [Finding(Fault.LOST, stream, f"{subject} #{n}") for n in range(1, max(found)) if n not in there]
    twice = [Finding(Fault.DOUBLED, stream, f"{subject} #{n}") for n, times in there.items() if times > 1]
    late = [Finding(Fault.REORDERED, stream, f"{subject} #{b}") for a, b in pairwise(found) if b < a]
    return lost + twice + late


def compare_order(promised: Mapping[tuple[str, str], Sequence[str]], log: Iterable[Said]) -> list[Finding]:
    """Under each (stream, key) the events come in the order in which the requests for them were acknowledged.

    One that is missing is not out of order: `compare` finds it.
    """
    heard: dict[tuple[str, str], list[str]] = defaultdict(list)
    for said in heard_once(log):
        heard[said.stream, said.key].append(said.what)
    return sorted(finding for place, wanted in promised.items() for finding in _misplaced(*place, wanted, heard[place]))


def _misplaced(stream: str, key: str, wanted: Sequence[str], heard: Sequence[str]) -> list[Finding]:
    came = {what: place for place, what in reversed(list(enumerate(heard)))}
    places = [(came[what], what) for what in wanted if what in came]
    pairs = pairwise(places)
    return [Finding(Fault.REORDERED, stream, f"{key} {what}") for (before, _), (after, what) in pairs if after < before]


def compare_answers(first: Mapping[str, Hashable], again: Mapping[str, Hashable]) -> list[Finding]:
    """A request sent again under its key is answered as it was the first time."""
    return sorted(Finding(Fault.CHANGED, "answer", key) for key in again if again[key] != first.get(key))
