"""Those who work in the borough, as the actors in whose name the past is made."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.embedded.living.stories import STORIES
from shared.runtime.actor import Actor, Role
from shared.runtime.staff_file import StaffRow


@dataclass(frozen=True, slots=True)
class Staff:
    """Team leads and link workers by network, referrers by practice, and one person for each provider."""

    leads: Mapping[str, Actor]
    workers: Mapping[str, Sequence[Actor]]
    referrers: Mapping[str, Actor]
    providers: Mapping[str, Actor]

    def worker(self, pcn: str, number: int) -> Actor:
        """Who takes the person of that number in a network. The first network's first link worker has the first of
        every story, and so enough."""
        workers = self.workers[pcn]
        if number < len(STORIES):
            return workers[0]
        free = workers[1:] if pcn == next(iter(self.workers)) else workers
        return free[number % len(free)]


def staff_of(rows: Sequence[StaffRow]) -> Staff:
    """From the staff file, in its order; the first named for an organisation acts for it."""
    by_role: dict[Role, dict[str, list[Actor]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        actor = Actor(row.subject, frozenset({row.role}), frozenset(row.organisations), name=row.name)
        for organisation in row.organisations:
            by_role[row.role][organisation].append(actor)
    firsts = {role: {code: actors[0] for code, actors in found.items()} for role, found in by_role.items()}
    return Staff(firsts[Role.TEAM_LEAD], by_role[Role.LINK_WORKER], firsts[Role.REFERRER], firsts[Role.PROVIDER])
