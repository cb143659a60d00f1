"""A case in each state that a page can show, made over the APIs before anybody looks."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.system.browser.story import Invented
from tests.system.journey import NETWORK, WORK, Journey, Member, Network
from tests.waiting import eventually

LETTER = {"channels": ["letter"], "notify_by": "letter", "do_not": "Do not call at work"}


@dataclass
class World:
    """What the pages of the route list are opened with, by name."""

    network: Network
    journeys: dict[str, Journey] = field(default_factory=dict)
    people: list[Invented] = field(default_factory=list)
    papers: dict[str, str] = field(default_factory=dict)

    def refer(self, name: str, **changes: Any) -> Journey:
        """A referral that waits for a decision."""
        person = Invented()
        self.people.append(person)
        self.journeys[name] = Journey(self.network, person.body(**changes))
        self.journeys[name].refer()
        return self.journeys[name]

    def allocate(self, name: str, **changes: Any) -> Journey:
        """A case that nobody has worked on yet."""
        journey = self.refer(name, **changes)
        journey.allocate()
        return journey

    def ask(self, name: str, **changes: Any) -> Journey:
        """A case with a request that waits for the group's answer."""
        journey = self.allocate(name, **changes)
        journey.search()
        journey.prescribe()
        eventually(journey.on_desk, "the request is on the provider's desk")
        return journey

    def who(self, role: str | None) -> Member | None:
        """Whose pages they are: those of the people around these cases."""
        journey = self.journeys["worked"]
        known = {"referrer": journey.referrer, "team-lead": journey.lead, "link-worker": journey.link_worker}
        known["provider"] = journey.provider
        return known.get(role) or self.network.member(role) if role else None

    def address(self, path: str, thing: str) -> str:
        """The path with what it names put in: a case, a request, a listing, a letter."""
        path = path.replace("/self/{name}", "/self/birth").replace("/new/{name}", "/new/why")
        path = path.replace("/mailbox/{number}", "/mailbox/1").replace("{id_}", "1")
        path = path.replace("{number}", "1" if thing == "worked" else "next")
        if thing in self.papers:
            return path.replace("{reference}", self.papers[thing])
        if not thing:
            return path
        journey = self.journeys[thing]
        reference = journey.request if path.startswith("/directory/") else journey.reference
        return path.replace("{reference}", reference).replace("{request}", journey.request)


def filled(network: Network) -> World:
    """A referral in each state, a request in each part of the desk, listings that are there and gone."""
    world = World(network)
    world.refer("waiting", urgency="urgent", contact=LETTER, different_person=False)
    world.allocate("new")
    close = world.allocate("closed")
    network.post(close.link_worker, f"{close.case}/closure", {"reason": "moved-away"})
    worked = world.ask("worked")
    for step in WORK:
        worked.work(step)
    worked.answer({"answer": "accept"})
    worked.attend()
    world.ask("asked").work("contact")
    for name, answer in (
        ("accepted", {"answer": "accept"}),
        ("waitlisted", {"answer": "waitlist"}),
        ("asking", {"answer": "ask-person"}),
        ("declined", {"answer": "decline", "reason": "no_capacity"}),
    ):
        world.ask(name).answer(answer)
    world.papers = {"listing": worked.activity["reference"], "withdrawn": _withdrawn(network)}
    world.papers["letter"] = eventually(lambda: _letter(world), "there is a letter to print")
    return world


def _letter(world: World) -> str | None:
    """The reference of the letter to the person whose referral waits."""
    lead = world.who("team-lead")
    assert lead
    headers = {"authorization": f"Bearer {world.network.token(lead)}"}
    page = httpx.get(f"{world.network.url}/notifications/letters", headers=headers, timeout=60).text
    row = next((row for row in page.split("<li>") if world.people[0].family in row), "")
    found = re.search(r'href="/notifications/letters/([^"]+)"', row)
    return found[1] if found else None


def _withdrawn(network: Network) -> str:
    """The reference of a listing that was there and has ended."""
    carried = json.loads((NETWORK / "activities.json").read_text())[0]
    words = f"Gone {uuid4().hex[:8]}"
    listed = carried | {"id": str(uuid4()), "name": words, "organization": {"id": str(uuid4()), "name": words}}
    listed.pop("organization_id", None)
    operator, path = network.member("operator"), "/directory/operate/api/activities"
    reference = ""
    for status in ("active", "defunct"):
        feed = {"file": ("feed.json", json.dumps([listed | {"status": status}]).encode())}
        network.call(operator, "POST", path, files=feed)
        if not reference:
            found = network.call(None, "POST", "/directory/api/search", {"words": words})["results"]
            reference = next(str(each["reference"]) for each in found if each["name"] == words)
    return reference
