"""K1: a whole network is killed again and again in the middle of its work, and started again."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Event

import asyncpg

from deploy.databases import SERVICES
from deploy.embedded.handover import Handover
from tests.faults.checker import Fault, Finding, compare_answers
from tests.faults.driving import Act, Crowd, Patient, Told, patient
from tests.faults.experiment import Experiment, Outcome
from tests.faults.judging import findings
from tests.faults.killing import Killable, network
from tests.faults.promised import funnel
from tests.faults.reading import read
from tests.waiting import eventually

PAUSE = Event()  # never set: kills come at random moments, and the moment is the point

LANES = 6
SETTLE_S = 240.0
ASKED_AGAIN = 40
MOVING = "SELECT concat_ws(' ', id, state, waiting, waits_for) FROM message WHERE state IN ('sending', 'queued')"


@dataclass
class Killer:
    """Kills the network at moments of the dice, and starts it again."""

    network: Killable
    people: Patient
    dice: Random

    def strike(self) -> None:
        """Before it is open again, some time later, or while something is asked for.

        The last is where relay, readers and sender are busiest, and so comes most often.
        """
        match self.dice.choice(["early", "later", "asked", "asked"]):
            case "early":
                PAUSE.wait(self.dice.uniform(0.1, min(self.network.starts.values())))
            case "later":
                self.network.open()
                PAUSE.wait(self.dice.uniform(0.2, 6))
            case "asked":
                self.network.open()
                PAUSE.wait(self.dice.uniform(0, 3))
                self.people.asking.clear()
                self.people.asking.wait(10)
                PAUSE.wait(self.dice.uniform(0, 0.15))
        self.network.kill_everything()
        self.network.spawn()


def settled(people: Patient, handover: Handover) -> None:
    """Wait until nothing moves any more: two looks in a row see every service at rest, and at the same place."""
    looks: list[Look] = []

    def still() -> bool:
        looks.append(look(people, handover))
        return len(looks) > 1 and not looks[-1].moving and looks[-1] == looks[-2]

    try:
        eventually(still, "nothing moves any more", SETTLE_S)
    except AssertionError as error:
        error.add_note(f"{looks[-1]}")
        raise


@dataclass(frozen=True)
class Look:
    """How far each stream is heard, and what still moves."""

    positions: list[tuple[str, str, int]]
    moving: list[str]


def look(people: Patient, handover: Handover) -> Look:
    operator = people.member("operator")
    seen = {name: people.call(operator, "GET", f"/{name}/operate/api/status") for name in SERVICES}
    streams = [(name, each) for name, one in seen.items() for each in one["streams"]]
    moving = [f"{name} hears {each['stream']}" for name, each in streams if each["lag"] != 0]
    moving += [f"{name} joins its streams" for name, one in seen.items() if not one["streams"]]
    moving += [f"{name} sends or retries" for name, one in seen.items() if one["outbox_depth"] or one["retrying"]]
    positions = [(name, each["stream"], each["position"]) for name, each in streams]
    return Look(positions, moving + asyncio.run(_messages_moving(handover)))


async def _messages_moving(handover: Handover) -> list[str]:
    store = await asyncpg.connect(handover.stores["notifications"].owner_url.replace("+asyncpg", ""))
    try:
        return [f"message {row[0]}" for row in await store.fetch(MOVING)]
    finally:
        await store.close()


def ask_again(people: Patient, acts: list[Act]) -> dict[str, str]:
    """What each request is answered when it comes once more under its key."""
    return {act.key: str(people.post(act.who, act.path, act.body, key=act.key)) for act in acts}


def kill_while_working(killable: Killable, people: Patient, seed: int, kills: int) -> tuple[list[Told], Killer]:
    """A crowd at work through all the kills; every journey that was begun is walked to its end."""
    crowd, killer = Crowd(people, seed), Killer(killable, people, Random(f"{seed} kills"))
    with ThreadPoolExecutor(LANES) as pool:
        lanes = [pool.submit(crowd.work, lane) for lane in range(LANES)]
        try:
            for _ in range(kills):
                killer.strike()
            killable.open()
        finally:
            crowd.enough.set()
        for lane in lanes:
            lane.result()
    return crowd.journeys, killer


def play(seed: int, kills: int, tell: Callable[[str], None] = lambda words: None) -> Outcome:
    """So many kills with these dice, then everything held against what was acknowledged; `tell` is given the story."""
    with network() as killable:
        people = patient(killable.url)
        people.import_carried()
        settled(people, killable.handover)
        journeys, killer = kill_while_working(killable, people, seed, kills)
        settled(people, killable.handover)
        acts = [act for journey in journeys for act in journey.acts]
        some = Random(seed).sample(acts, min(ASKED_AGAIN, len(acts)))
        again = ask_again(people, some)
        settled(people, killable.handover)
        found = asyncio.run(read(killable.handover))
        shown = journeys[0].funnel()
    tell(_report(killer, journeys, found.messages))
    wrong = findings(journeys, found) + compare_answers({act.key: str(act.answer) for act in acts}, again)
    if shown != funnel(journeys):
        wrong.append(Finding(Fault.CHANGED, "the report", f"{shown} and not {funnel(journeys)}"))
    return Outcome(wrong, {"requests": len(acts), "start_s": max(killable.starts.values())})


def _report(killer: Killer, journeys: list[Told], messages: Mapping[str, str]) -> str:
    killed = killer.network
    first, *starts = (f"{seconds:.1f}" for seconds in killed.starts.values())
    states = dict(Counter(messages.values()))
    return (
        f"{len(journeys)} journeys with {sum(len(journey.acts) for journey in journeys)} requests, all acknowledged; "
        f"messages: {states}; not answered at first: {dict(killer.people.troubles)}; "
        f"{killed.lives - len(killed.starts)} kills fell before it was open again; "
        f"first start {first} s, after kills {', '.join(starts)} s"
    )


EXPERIMENT = Experiment("K1", "the whole network killed", all_rounds=play)
