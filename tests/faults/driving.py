"""People at work while the network is killed under them: whatever gets no answer is sent again under the same key."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import httpx

from shared.runtime.clock import LONDON
from tests.system import embedded
from tests.system.journey import WORK, Journey, Json, Member, Network, Refused, referral_body
from tests.waiting import eventually

PATIENCE_S = 240.0
"""Longer than a kill and a slow start together: a request that is not answered by then was lost."""
TOKEN_S = 300.0
ANSWERS: tuple[Json, ...] = (
    {"answer": "accept"},
    {"answer": "accept"},
    {"answer": "accept"},
    {"answer": "waitlist"},
    {"answer": "decline", "reason": "no_capacity"},
    {"answer": "ask-person"},
)


@dataclass
class Tokens:
    """Each member's token, asked for again before it ends; a killed network goes on to accept it."""

    url: str
    known: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __call__(self, member: Member) -> str:
        token, until = self.known.get(member.subject, ("", 0.0))
        if time.monotonic() > until:
            token = embedded.token(self.url, member)
            self.known[member.subject] = token, time.monotonic() + TOKEN_S
        return token


@dataclass
class Patient(Network):
    """A network whose callers wait out a kill: no answer, or a 5xx, and the same is sent again.

    `asking` is set whenever something is being asked for.
    """

    troubles: Counter[str] = field(default_factory=Counter)
    asking: threading.Event = field(default_factory=threading.Event)

    def call(self, who: Member | None, method: str, path: str, body: Json | None = None, **more: Any) -> Any:
        until, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while True:
            self.asking.set()
            try:
                # No certificates are needed on this machine, and reading them takes longer than the call.
                return super().call(who, method, path, body, verify=False, **more)
            except httpx.HTTPError as error:
                self._note(type(error).__name__, until)
            except Refused as refused:
                if refused.status < 500:
                    raise
                self._note(str(refused.status), until)
            pause.wait(0.2)

    def _note(self, trouble: str, until: float) -> None:
        self.troubles[trouble] += 1
        assert time.monotonic() < until, f"no answer for {PATIENCE_S:.0f} s: {trouble}"


def patient(url: str) -> Patient:
    return Patient(url, Tokens(url))


@dataclass
class Act:
    """One request under its key. `facts` are what it is about; `answer` is None until it is acknowledged."""

    kind: str
    key: str
    who: Member
    path: str
    body: Json
    facts: Mapping[str, str] = field(default_factory=dict)
    answer: Json | None = None


@dataclass
class Request:
    """A request for a place, as its journey knows it."""

    id: str
    reference: str
    activity: Json


@dataclass
class Told(Journey):
    """A journey that writes down each act before it is sent, and its answer when it is acknowledged."""

    dice: Random = field(default_factory=Random)
    acts: list[Act] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    @property
    def worker(self) -> Member:
        """The link worker who was given the case."""
        given = next(act.body["link_worker"] for act in self.acts if act.kind == "allocate")
        return next(member for member in self.network.members if member.subject == given)

    def act(self, kind: str, who: Member, path: str, body: Json, **facts: str) -> Json:
        """Do something once, however often it has to be sent."""
        key = facts.pop("key", "") or self.key(kind)
        act = Act(kind, key, who, path, body, facts)
        self.acts.append(act)
        act.answer = self.network.post(who, path, body, key=act.key)
        return act.answer

    def key(self, kind: str) -> str:
        return f"{kind}-{UUID(int=self.dice.getrandbits(128), version=4)}"

    def walk(self) -> None:
        """From the referral to whether the person came; how long and how well it goes is the dice's."""
        made = self.act("refer", self.referrer, "/referral/api/referrals", self.body)
        self.reference, self.referral_id = made["reference"], made["id"]
        workers = [m for m in self.network.members if m.role == "link-worker" and "U99001" in m.organisations]
        chosen = {"link_worker": self.dice.choice(workers).subject}
        self.act("allocate", self.lead, f"{self.case}/allocation", chosen)
        for _ in range(self.dice.randint(0, 1)):
            self.written("contact", "note", outcome="no-answer")
        self.written("contact", "note")
        for _ in range(self.dice.randint(1, 2)):
            self.written("session", "note")
        self.written("plan", "what_matters")
        self.act("outcome", self.worker, f"{self.case}/outcomes", WORK["outcome"][1])
        self.ask(self.dice.randint(1, 2))
        for request in self.requests:
            self.reply(request, self.dice.choice(ANSWERS))

    def written(self, step: str, words: str, **changes: str) -> None:
        """An act that leaves words behind: its key, so that each can be told from every other."""
        path, body = WORK[step]
        key = self.key(step)
        self.act(step, self.worker, f"{self.case}/{path}", body | {words: key} | changes, key=key)

    def ask(self, places: int) -> None:
        """The link worker searches, and asks for so many places."""
        wanted = {"needs": [self.dice.choice(["loneliness", "bereavement", "debt"])], "postcode": "RM17 6AW"}
        found = self.network.call(None, "POST", "/directory/api/search", wanted)["results"]
        for chosen in self.dice.sample(found, min(places, len(found))):
            listing = self.network.call(None, "GET", f"/directory/api/activities/{chosen['reference']}")
            body = {"activity": listing["id"], "person_agreed": True}
            made = self.act("prescribe", self.worker, f"{self.case}/prescriptions", body)
            self.requests.append(Request(made["id"], made["reference"], listing))

    def reply(self, request: Request, answer: Json) -> None:
        """The provider answers what is on their desk, and where there is a place the person comes."""
        self.request, self.activity = request.reference, request.activity
        eventually(self.on_desk, "the request is on the provider's desk", PATIENCE_S)
        desk = f"/directory/api/requests/{request.reference}"
        self.act("answer", self.provider, f"{desk}/answer", answer, request=request.id)
        if answer["answer"] == "accept":
            came = {"on": datetime.now(LONDON).date().isoformat(), "attended": True}
            self.act("attend", self.provider, f"{desk}/attendance", came, request=request.id)


@dataclass
class Crowd:
    """Several people's journeys at once, one after another in each thread, until told to begin no more."""

    network: Patient
    seed: int
    enough: threading.Event = field(default_factory=threading.Event)
    journeys: list[Told] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, lane: int) -> None:
        """What one thread does; the journey it is on when it is enough is walked to its end."""
        number = 0
        while not self.enough.is_set():
            with self.lock:  # NHS numbers are dealt out one at a time
                journey = Told(self.network, referral_body(), dice=Random(f"{self.seed} {lane} {number}"))
                self.journeys.append(journey)
            journey.walk()
            number += 1
