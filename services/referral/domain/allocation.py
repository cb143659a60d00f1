"""Who takes the case: how loaded each link worker is, and who would suit the person best."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from services.referral.domain.person import folded

NEVER = datetime(1, 1, 1, tzinfo=UTC)


class NoLinkWorker(Exception):
    """Nobody in the person's network can take the case."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link worker as a team lead weighs them. `load` is the sum of the weights of their open cases, of `limit`.

    `pcn` is the network they would take the case in; `knows` whether they supported this person before.
    """

    subject: str
    name: str
    pcn: str
    load: int
    cases: int
    limit: int
    languages: tuple[str, ...] = ()
    last_allocated_at: datetime | None = None
    knows: bool = False

    @property
    def share(self) -> Fraction:
        return Fraction(self.load, self.limit)

    @property
    def room(self) -> int:
        return max(0, self.limit - self.load)

    def speaks(self, language: str) -> bool:
        return bool(language) and folded(language) in {folded(spoken) for spoken in self.languages}


def _loaded(candidate: Candidate) -> tuple[Fraction, int, datetime, str]:
    """Least share of their limit, then fewest cases, then longest since the last one, then by id: never by chance."""
    return candidate.share, candidate.cases, candidate.last_allocated_at or NEVER, candidate.subject


def least_loaded(candidates: Iterable[Candidate]) -> Candidate:
    """The link worker with the least weighted load, full or not; NoLinkWorker when there is none at all."""
    found = min(candidates, key=_loaded, default=None)
    if found is None:
        raise NoLinkWorker("There is no link worker in this network yet. Ask the people who run Kith to add one.")
    return found


def best_match_first(candidates: Iterable[Candidate], language: str = "") -> list[Candidate]:
    """With room before full, who knows the person, who speaks their language, then by load."""
    return sorted(candidates, key=lambda c: (c.room == 0, not c.knows, not c.speaks(language), *_loaded(c)))


def chosen(candidates: Iterable[Candidate], subject: str) -> Candidate:
    """The link worker a team lead named, if they work in the person's network."""
    found = next((c for c in candidates if c.subject == subject), None)
    if found is None:
        raise NoLinkWorker("Choose a link worker of the person's primary care network.")
    return found
