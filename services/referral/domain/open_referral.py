"""Someone already supports this person: what a professional who asks may be told of it, and no more."""

from collections.abc import Collection
from dataclasses import dataclass

from services.referral.domain.referral import Route, Status


@dataclass(frozen=True, slots=True)
class Standing:
    """The open referral as we hold it; `team` and `team_phone` are its network's, None in the borough queue."""

    reference: str
    status: Status
    route: Route
    practice: str | None
    link_worker_name: str
    team: str | None
    team_phone: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What may be said. `certain` is False where only name, birth date and postcode match."""

    certain: bool
    ask: str
    reference: str | None = None
    status: Status | None = None
    link_worker_name: str = ""


class AlreadyOpen(Exception):
    """A second open referral for the same person in the network is not made."""

    def __init__(self, told: Told) -> None:
        found = "is already being supported" if told.certain else "may already be being supported"
        super().__init__(f"This person {found} in the network. Ask {told.ask}.")
        self.told = told


def as_far_as(standing: Standing, practices: Collection[str], *, certain: bool) -> Told:
    """Of their own practice's referral: its reference, state and link worker. Of any other, and of what people told
    us themselves: only whom to ask."""
    team = standing.team or "the borough's social prescribing team"
    ask = f"{team}, {standing.team_phone}" if standing.team_phone else team
    if standing.route is Route.PRACTICE and standing.practice in practices:
        return Told(certain, ask, standing.reference, standing.status, standing.link_worker_name)
    return Told(certain, ask)
