"""F18: every version of the writers said to every version of the readers, and a planted break in each round is seen."""

import copy
from random import Random

from shared.events.asyncapi import Json
from shared.events.compatibility import compare
from shared.events.released import contracts_of, releases, todays_contracts
from tests.contracts.matrix import matrix
from tests.faults.checker import Fault, Finding
from tests.faults.experiment import Experiment, Outcome


def all_rounds(seed: int, n: int) -> Outcome:
    """The matrix once, today's contracts against every release, and so many breaks, none of which may pass."""
    rows = matrix()
    found = [Finding(Fault.BROKEN, f"{row.writers} → {row.readers}", each) for row in rows for each in row.refused]
    for release in releases():
        changes = compare(contracts_of(release), todays_contracts())
        found += [Finding(Fault.CHANGED, release, str(change)) for change in changes if change.breaks]
    for number in range(n):
        found += _unseen(Random(f"{seed} F18 {number}"))
    return Outcome(found, {"pairs": len(rows), "read": sum(row.read for row in rows), "planted": n})


def _unseen(dice: Random) -> list[Finding]:
    """What the check says nothing of, though a field that everybody needs is gone, or is needed that nobody said."""
    released = contracts_of(dice.choice(releases()))
    name = dice.choice(sorted(released))
    planted = copy.deepcopy(released[name])
    what = _broken(dice, planted)
    breaks = [change for change in compare({name: released[name]}, {name: planted}) if change.breaks]
    return [] if breaks else [Finding(Fault.BROKEN, name, f"{what}, and nothing is said of it")]


def _broken(dice: Random, contract: Json) -> str:
    inside = [each for each in (contract, *contract.get("$defs", {}).values()) if each.get("required")]
    schema = dice.choice(inside)
    field = dice.choice(sorted(schema["required"]))
    if dice.random() < 0.5:
        del schema["properties"][field]
        schema["required"].remove(field)
        return f"{field} is gone"
    schema["properties"]["planted"] = {"type": "string"}
    schema["required"].append("planted")
    return "a field is new and required"


EXPERIMENT = Experiment("F18", "every version said to every version", all_rounds=all_rounds)
