"""F10: poison of every kind, of every type, among what is well: it ends up parked, and nobody else waits for it."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from shared.backbone.consumers import Consumers
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.events.envelope import Fact
from shared.events.place import PlaceEnded
from shared.events.snapshots import example
from shared.events.streams import PLACE_EVENTS
from shared.runtime.actor import system
from shared.runtime.ids import new_id
from shared.runtime.store import Store
from tests.faults.checker import Effect, Fault, Finding, compare
from tests.faults.experiment import Experiment, Outcome
from tests.faults.hearing import Hearing, Member, hearing, some_keys
from tests.faults.looking import until
from tests.faults.world import World

EVENTS = 120
PACE_S = 0.005
HEARD = [fact for fact in PLACE_EVENTS.facts if fact is not PlaceEnded]
LARGE = "x" * 1_000_000  # near the broker's own limit of a megabyte
BUSY = 0.5
"""Of one processor, over the wait; a loop that tries poison without a rest takes all of it."""
PARKED = "SELECT key, error_class, attempts FROM parked_event WHERE next_at IS NULL ORDER BY id"
SEEN = "SELECT event_id::text AS id, extract(epoch FROM seen_at) AS at FROM inbox"


def no_json(event: dict[str, Any]) -> bytes | None:
    return json.dumps(event).encode()[:-9]


def wrong_schema(event: dict[str, Any]) -> bytes | None:
    del event["data"]["prescription_id"]
    return json.dumps(event).encode()


def wrong_and_large(event: dict[str, Any]) -> bytes | None:
    return wrong_schema(event | {"more": LARGE})


def nothing(event: dict[str, Any]) -> bytes | None:
    return None


def unknown_version(event: dict[str, Any]) -> bytes | None:
    return json.dumps(event | {"type": event["type"].replace(".v1", ".v9")}).encode()


def with_a_nul(event: dict[str, Any]) -> bytes | None:
    return wrong_schema(event | {"subject": "o\0dd"})


def counted_too_high(event: dict[str, Any]) -> bytes | None:
    return wrong_schema(event | {"sequence": "9" * 20})


def counted_endlessly(event: dict[str, Any]) -> bytes | None:
    return wrong_schema(event | {"sequence": "9" * 5000})


def as_it_is(event: dict[str, Any]) -> bytes | None:
    return json.dumps(event).encode()


KINDS: Mapping[str, Callable[[dict[str, Any]], bytes | None]] = {
    "no-json": no_json,
    "schema": wrong_schema,
    "large": wrong_and_large,
    "null": nothing,
    "unknown": unknown_version,
    "nul": with_a_nul,
    "nul-key": wrong_schema,
    "high": counted_too_high,
    "endless": counted_endlessly,
    "taken": as_it_is,  # a number heard before, under an id that is no moment of any calendar
}


@dataclass
class Poisoned:
    """A round: what was put among the rest, and when each event was sent."""

    h: Hearing
    dice: Random
    poison: dict[str, str] = field(default_factory=dict)
    sent: dict[str, float] = field(default_factory=dict)

    async def flow(self, *, poison: bool) -> None:
        """Events at a pace; with poison, a piece of each kind somewhere among them, and more of its key behind."""
        put = self._pieces() if poison else []
        pieces = dict(zip(self.dice.sample(range(EVENTS), len(put)), put, strict=True))
        for number, key in enumerate(some_keys(self.dice, EVENTS)):
            records = [self.h.event(key)]
            self.sent[self.h.said[-1].id] = time.time()
            await self.h.put([*records, *pieces.get(number, ())])
            await asyncio.sleep(PACE_S)

    def _pieces(self) -> list[list[tuple[str, bytes | None]]]:
        kinds = [*KINDS, "fails", self.dice.choice([*KINDS, "fails"])]
        self.dice.shuffle(kinds)
        return [self._piece(kind, fact) for kind, fact in zip(kinds, cycle(HEARD), strict=False)]

    def _piece(self, kind: str, fact: type[Fact]) -> list[tuple[str, bytes | None]]:
        """The poison, and two good events of its key."""
        key = f"{'bad' if kind == 'fails' else 'odd'}-{len(self.poison)}"
        self.poison[key] = kind
        if kind == "fails":
            return [self.h.event(key) for _ in range(3)]
        about = {"id": str(new_id()), "partitionkey": key, "subject": f"{key} itself", "sequence": f"{1:020}"}
        if kind == "taken":
            about |= {"id": f"f{about['id'][1:]}", "subject": self.h.said[0].subject}
        value = KINDS[kind](json.loads(example(fact)) | about)
        if kind == "nul-key":
            self.poison[f"{key}\ufffd"] = self.poison.pop(key)
            return [(f"{key}\0", value)]
        return [(key, value), self.h.event(key), self.h.event(key)]

    @property
    def parked(self) -> dict[str, int]:
        """The keys that end up parked, and after how many tries: what cannot be read has one."""
        tries = 1 + len(self.h.settings.retry_seconds)
        return {key: tries if kind == "fails" else 1 for key, kind in self.poison.items() if kind != "unknown"}

    async def all_parked(self) -> bool:
        """Whether as many are parked as were put in."""
        return len(await self.h.store.fetch(PARKED)) >= len(self.parked)

    async def misplaced(self) -> list[Finding]:
        """Poison that is not in the parking place, or after other tries than it may have."""
        rows = await self.h.store.fetch(PARKED)
        found = [Effect("parked", f"{row['key']} after {row['attempts']}") for row in rows]
        return compare([Effect("parked", f"{key} after {tries}") for key, tries in self.parked.items()], found)

    async def mended(self) -> None:
        """As an operator does it: what failed is tried again, what cannot be read is discarded."""
        store = Store(self.h.settings.database_url.get_secret_value(), "reporting")
        operator, actor = Backbone(self.h.settings, store, Consumers("reporting"), Timers()), system("reporting")
        try:
            for event in await operator.parked():
                if event.state == "parked" and self.poison[event.key] == "fails":
                    await operator.redrive(event.id, actor)
                elif event.state == "parked":
                    await operator.discard(event.id, "poison", actor)
        finally:
            await store.close()

    async def latest(self, of: set[str]) -> float:
        """Milliseconds from sending to hearing, of the one in a hundred that took longest."""
        heard = {row["id"]: float(row["at"]) for row in await self.h.store.fetch(SEEN)}
        waits = sorted(heard[id_] - self.sent[id_] for id_ in of if id_ in heard)
        return 1000 * waits[len(waits) * 99 // 100]


async def one_round(world: World, dice: Random, long: bool) -> Outcome:
    """A clean stretch, the same with poison, the wait beside it, and an operator who mends it all."""
    async with hearing(world) as h:
        round_, member = Poisoned(h, dice), h.member()
        member.start()
        await member.process.hear("up")
        await round_.flow(poison=False)
        await until(h.at_end, "the clean stretch is heard")
        clean = set(round_.sent)
        member.orders.failing = 1
        await round_.flow(poison=True)
        await until(h.at_end, "the poisoned stretch is heard")
        await until(round_.all_parked, "the poison is parked")
        wrong = await round_.misplaced()
        busy = await _busy(member, 30 if long else 1)
        if busy > BUSY:
            wrong.append(Finding(Fault.BROKEN, "processor", f"{busy:.0%} busy while poison lies parked"))
        slower = await round_.latest(set(round_.sent) - clean) / await round_.latest(clean)
        member.orders.failing = 0
        await round_.mended()
        await until(lambda: _none_aside(h), "what waited behind poison is heard")
        return Outcome(wrong + await h.findings(), {"poison": len(round_.poison), "cpu": busy, "p99 ratio": slower})


async def _busy(member: Member, seconds: float) -> float:
    """The share of a processor that the member uses meanwhile."""
    before = _used_s(member)
    await asyncio.sleep(seconds)
    return (_used_s(member) - before) / seconds


def _used_s(member: Member) -> float:
    fields = Path(f"/proc/{member.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _none_aside(h: Hearing) -> bool:
    return not await h.store.fetchval("SELECT count(*) FROM parked_event")


EXPERIMENT = Experiment("F10", "poison of every kind", one_round)
