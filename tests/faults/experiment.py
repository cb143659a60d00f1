"""What one line of the fault table is: a fault, how a round of it is played, and what the round came to."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.faults.checker import Finding
from tests.faults.world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What went wrong in a round, and what was measured: of each figure the table shows the highest of all rounds.

    A figure is shown, never judged: one that is out of bounds is a finding as well.
    """

    findings: Sequence[Finding]
    figures: Mapping[str, float] = field(default_factory=dict)


OneRound = Callable[[World, Random, bool], Coroutine[None, None, Outcome]]
AllRounds = Callable[[int, int], Outcome]


@dataclass(frozen=True, slots=True)
class Experiment:
    """A fault by its name in the table of faults.

    `one_round(world, dice, long)` plays it once: whatever is random comes from `dice`, and `long` asks for the table's
    own waits. `all_rounds(seed, n)` stands in for a fault whose rounds are one story, and needs no world.
    """

    name: str
    title: str
    one_round: OneRound | None = None
    all_rounds: AllRounds | None = None
