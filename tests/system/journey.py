"""One journey through a running network over its APIs: from a practice's referral to the report.

It knows addresses and tokens alone: it serves the embedded network, containers, and a network killed under it.
"""

import csv
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.waiting import eventually

Json = dict[str, Any]
NETWORK = Path(__file__).resolve().parents[2] / "deploy" / "embedded" / "network"


@dataclass(frozen=True)
class Member:
    """Somebody of the carried network's staff."""

    subject: str
    name: str
    role: str
    organisations: tuple[str, ...]


def staff() -> list[Member]:
    """Everybody in the carried network."""
    with (NETWORK / "staff.csv").open() as file:
        rows = list(csv.DictReader(file))
    split = [tuple(row["organisation"].replace(";", " ").split()) for row in rows]
    return [Member(row["subject"], row["name"], row["role"], of) for row, of in zip(rows, split, strict=True)]


def nhs_numbers() -> Iterator[str]:
    """Valid NHS numbers of the range kept for tests, 999…."""
    for tail in itertools.count(int(time.time_ns() // 1000 % 900_000)):
        nine = f"999{tail % 1_000_000:06}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            yield f"{nine}{check % 11}"


NHS_NUMBERS = nhs_numbers()


class Refused(Exception):
    """The network answered with a problem."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem


@dataclass
class Network:
    """A running network: its address, and a token for any member of its staff."""

    url: str
    token: Callable[[Member], str]
    members: list[Member] = field(default_factory=staff)
    timeout: float = 60.0

    def member(self, role: str, organisation: str | None = None) -> Member:
        """The first member of a role, of an organisation where one is named."""
        return next(m for m in self.members if m.role == role and (not organisation or organisation in m.organisations))

    def call(self, who: Member | None, method: str, path: str, body: Json | None = None, **more: Any) -> Any:
        """The JSON answer; `Refused` on a problem."""
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {self.token(who)}"} if who else {})
        answer = httpx.request(method, self.url + path, json=body, headers=headers, timeout=self.timeout, **more)
        if answer.is_error:
            raise Refused(answer.status_code, answer.json())
        return answer.json()

    def post(self, who: Member | None, path: str, body: Json, *, key: str | None = None) -> Any:
        """A POST that may be sent twice without doing twice."""
        return self.call(who, "POST", path, body, headers={"Idempotency-Key": key or str(uuid4())})

    def import_carried(self) -> None:
        """The carried network, through the same doors as `kith import`."""
        operator = self.member("operator")
        for path, form, files in (
            ("/directory/operate/api/postcodes", {}, {"files": "postcodes.csv"}),
            ("/directory/operate/api/activities", {}, {"file": "activities.json"}),
            (
                "/referral/operate/api/organisations",
                {"sub_icb": "X90"},
                {"practices": "practices.csv", "networks": "networks.csv"},
            ),
            ("/referral/operate/api/staff", {}, {"file": "staff.csv"}),
            ("/directory/operate/api/staff", {}, {"file": "staff.csv"}),
        ):
            parts = {field: (name, (NETWORK / name).read_bytes()) for field, name in files.items()}
            tally = self.call(operator, "POST", path, files=parts, data=form)
            assert not tally["rejected"], tally


def referral_body(**changes: Any) -> Json:
    """A practice's referral of an invented person nobody else is."""
    number = next(NHS_NUMBERS)
    person = {
        "given_name": "Rosa",
        "family_name": f"Okafor-{number[-7:]}",
        "born_on": "1951-03-14",
        "nhs_number": number,
        "postcode": "RM17 6AW",
        "address_lines": ["3 Customs Street", "Saltmere"],
        "phone": "07700 900866",
        "email": f"rosa.{number}@example.org",
    }
    body: Json = {
        "person": person | changes.pop("person", {}),
        "practice": "X90013",
        "reasons": ["loneliness", "bereavement"],
        "urgency": "routine",
        "what_matters": "To sing with people again",
        "language": "en",
        "contact": {"channels": ["call", "email"], "notify_by": "email"},
        "agreement": {"basis": "person"},
        "may_know": ["gp-practice"],
    }
    return body | changes


@dataclass
class Journey:
    """One person's way through a network; each step remembers what the next needs."""

    network: Network
    body: Json = field(default_factory=referral_body)
    reference: str = ""
    referral_id: str = ""
    activity: Json = field(default_factory=dict)
    request: str = ""

    @property
    def referrer(self) -> Member:
        return self.network.member("referrer", self.body["practice"])

    @property
    def lead(self) -> Member:
        return self.network.member("team-lead", "U99001")

    @property
    def link_worker(self) -> Member:
        return self.network.member("link-worker", "U99001")

    @property
    def provider(self) -> Member:
        return self.network.member("provider", self.activity["provider_id"])

    @property
    def case(self) -> str:
        return f"/referral/api/referrals/{self.reference}"

    def refer(self, key: str | None = None) -> Json:
        """The practice refers."""
        made: Json = self.network.post(self.referrer, "/referral/api/referrals", self.body, key=key)
        self.reference, self.referral_id = made["reference"], made["id"]
        return made

    def allocate(self, key: str | None = None) -> Json:
        """The team lead accepts and allocates in one step."""
        chosen = {"link_worker": self.link_worker.subject}
        allocated: Json = self.network.post(self.lead, f"{self.case}/allocation", chosen, key=key)
        return allocated

    def work(self, step: str, key: str | None = None) -> Json:
        """One of the link worker's acts, by name."""
        path, body = WORK[step]
        done: Json = self.network.post(self.link_worker, f"{self.case}/{path}", body, key=key)
        return done

    def search(self) -> Json:
        """The link worker looks for something to go to, near the person, and takes the best that has a desk here."""
        wanted = {"words": "singing", "needs": ["loneliness"], "postcode": "RM17 6AW"}
        found = self.network.call(None, "POST", "/directory/api/search", wanted)
        for result in found["results"]:
            listing: Json = self.network.call(None, "GET", f"/directory/api/activities/{result['reference']}")
            if any(listing["provider_id"] in m.organisations for m in self.network.members if m.role == "provider"):
                self.activity = listing
                return listing
        raise AssertionError(f"nothing to prescribe among {found['total']} results")

    def prescribe(self, key: str | None = None) -> Json:
        """A place is asked for; the referral service hears of new listings within moments."""
        asked = {"activity": self.activity["id"], "person_agreed": True}

        def ask() -> Json | None:
            try:
                made: Json = self.network.post(self.link_worker, f"{self.case}/prescriptions", asked, key=key)
            except Refused as refused:
                if refused.status == 404:
                    return None
                raise
            return made

        made: Json = eventually(ask, "the activity is known where places are asked for")
        self.request = made["reference"]
        return made

    def on_desk(self) -> Json | None:
        """The request as the provider sees it."""
        requests = self.network.call(self.provider, "GET", "/directory/api/requests")["requests"]
        return next((request for request in requests if request["reference"] == self.request), None)

    def answer(self, answer: Json, key: str | None = None) -> Json:
        """The provider answers."""
        eventually(self.on_desk, "the request is on the provider's desk")
        path = f"/directory/api/requests/{self.request}/answer"
        said: Json = self.network.post(self.provider, path, answer, key=key)
        return said

    def attend(self, key: str | None = None) -> Json:
        """The provider says that the person came."""
        path = f"/directory/api/requests/{self.request}/attendance"
        today = datetime.now(UTC).date().isoformat()
        said: Json = self.network.post(self.provider, path, {"on": today, "attended": True}, key=key)
        return said

    def state(self) -> str:
        """What the link worker sees of the request."""
        rows = self.network.call(self.link_worker, "GET", f"{self.case}/prescriptions")["prescriptions"]
        return str(next(row["state"] for row in rows if row["reference"] == self.request))

    def messages(self) -> list[Json]:
        """What was sent about this referral: to whom and what became of it, no words."""
        query = {"referral": self.referral_id}
        path = "/notifications/api/messages"
        found: list[Json] = self.network.call(self.lead, "GET", path, params=query)["messages"]
        return found

    def funnel(self) -> dict[str, int]:
        """The report's counts of people, by stage."""
        analyst = self.network.member("analyst")
        query = {"from": (datetime.now(UTC) - timedelta(days=2)).date().isoformat()}
        report = self.network.call(analyst, "GET", "/reporting/api/funnel", params=query)
        return {stage["stage"]: stage["count"] or 0 for stage in report["stages"]}


WORK: dict[str, tuple[str, Json]] = {
    "contact": ("contact-attempts", {"mode": "phone", "outcome": "reached", "note": "Glad of the call"}),
    "session": ("sessions", {"happened": "completed", "mode": "face-to-face", "note": "Spoke of the choir she left"}),
    "plan": (
        "plan",
        {
            "goals": [
                {"words": "I want to sing with people again", "actions": [{"who": "Rosa", "what": "Try one evening"}]}
            ],
            "what_matters": "Company on Tuesdays",
            "strengths": "Knows every song",
        },
    ),
    "outcome": (
        "outcomes",
        {
            "measure": "ons4",
            "stage": "baseline",
            "answers": {"satisfied": 4, "worthwhile": 5, "happy": 4, "anxious": 6},
        },
    ),
}
