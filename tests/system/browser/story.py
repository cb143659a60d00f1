"""Who a walk is about, and who of the network walks with them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.system.journey import NHS_NUMBERS, Journey, Member, Network, referral_body


@dataclass(frozen=True)
class Invented:
    """A person nobody else is; born on 14 March 1951."""

    number: str = field(default_factory=lambda: next(NHS_NUMBERS))

    given = "Rosalind"
    born = date(1951, 3, 14)
    postcode = "RM17 6AW"
    phone = "07700 900866"

    @property
    def family(self) -> str:
        return f"Achterberg{self.number[3:]}"

    @property
    def email(self) -> str:
        return f"{self.family.lower()}@example.org"

    @property
    def spaced(self) -> str:
        return f"{self.number[:3]} {self.number[3:6]} {self.number[6:]}"

    @property
    def words(self) -> list[str]:
        """What may never stand in a title or an address."""
        return [self.given, self.family, self.number, self.spaced, self.email]

    def body(self, **changes: Any) -> dict[str, Any]:
        """Their referral over the API."""
        person = {"given_name": self.given, "family_name": self.family, "nhs_number": self.number, "email": self.email}
        return referral_body(person=person, **changes)


@dataclass
class Story:
    """One walk: a person, their case, and the staff of a network that is its own, so that lists stay short."""

    network: Network
    pcn: str
    worker: Member
    person: Invented = field(default_factory=Invented)
    reference: str = ""
    request: str = ""
    activity: str = ""

    @property
    def referrer(self) -> Member:
        return self.network.member("referrer", PRACTICE[self.pcn])

    @property
    def practice(self) -> str:
        return PRACTICE[self.pcn]

    @property
    def lead(self) -> Member:
        return self.network.member("team-lead", self.pcn)

    @property
    def case(self) -> str:
        return f"/referral/cases/{self.reference}"

    def find_activity(self) -> Member:
        """What the search will find and can be asked for a place; its provider."""
        journey = Journey(self.network)
        self.activity = str(journey.search()["name"])
        return journey.provider


PRACTICE = {"U99001": "X90013", "U99002": "X90021", "U99003": "X90031", "U99004": "X90041"}
