"""Every contract as it was released: its schema, and events of it as they went over the wire.

What was said under a release stays on the streams for a year, so that its folder is written once and never changed.
    python -m shared.events.released 0.2.0     writes the folder of a new release.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.events import snapshots
from shared.events.asyncapi import Json, payload_schema
from shared.events.contact import ContactDetails
from shared.events.envelope import Event, Fact
from shared.events.streams import STREAMS, Stream
from shared.runtime.sealing import seal

FOLDER = Path(__file__).parent / "released"
KINDS = ("full", "minimal", "unknown")
SEALED = "what is sealed in kith.contact-stated.v1"
_CONTRACTS = "contracts.json"


@dataclass(frozen=True, slots=True)
class Wire:
    """An event as it lies on its stream."""

    release: str
    kind: str
    stream: Stream
    type: str
    key: str
    value: bytes


def reader() -> X25519PrivateKey:
    """What opens the sealed examples, and nothing else: anybody can work it out."""
    return X25519PrivateKey.from_private_bytes(sha256(b"kith: contracts as released").digest())


def todays_contracts() -> dict[str, Json]:
    """Every contract as it stands now, by event type."""
    facts = dict.fromkeys(fact for stream in STREAMS for fact in stream.facts)
    events = {fact.type_name(): payload_schema(fact) for fact in facts}
    return events | {SEALED: ContactDetails.model_json_schema(mode="serialization")}


def todays_streams() -> dict[str, Json]:
    """What readers rely on of every stream, as it stands now."""
    return {
        stream.name: {
            "key": stream.key,
            "partitions": stream.partitions,
            "compacted": stream.compacted,
            "types": [fact.type_name() for fact in stream.facts],
        }
        for stream in STREAMS
    }


def todays_events(kind: str, release: str = "today") -> Iterator[Wire]:
    """An event of every contract of every stream, in the order in which a person's way through the network says them.

    `full` has every field, `minimal` those without which it is refused, `unknown` some of a release to come.
    """
    subject = str(uuid5(NAMESPACE_URL, f"{release} {kind}"))
    for stream in STREAMS:
        for number, fact in enumerate(stream.facts, start=1):
            said = json.loads(snapshots.example(fact, "minimal" if kind == "minimal" else "full"))
            said = json.loads(json.dumps(said).replace(said["subject"], subject))
            said |= {
                "id": str(uuid5(NAMESPACE_URL, f"{release} {kind} {stream.name} {fact.type_name()}")),
                "source": stream.owner,
                "sequence": f"{number:020}",
            }
            if stream.sealed:
                said["data"]["sealed"] = _sealed(stream, said["data"], kind)
            yield Wire(release, kind, stream, fact.type_name(), said["partitionkey"], _wire(fact, said, kind))


def _wire(fact: type[Fact], said: Json, kind: str) -> bytes:
    """As our own writer says it; the other two kinds are what only others would say."""
    if kind == "full":
        event: Event[Fact] = Event[fact].model_validate(said)  # type: ignore[valid-type]
        return event.wire()
    more = {"fromthefuture": "1", "data": _more(said["data"])} if kind == "unknown" else {}
    return json.dumps(said | more, separators=(",", ":")).encode()


def _sealed(stream: Stream, data: Json, kind: str) -> Json:
    """Details that can be opened: those of the snapshots are there to be looked at."""
    contact, version = UUID(data["contact_id"]), data["contact_version"]
    plain: Json = {"kind": "person", "what_to_call": "Rosa", "full_name": "Rosa Example"}
    if kind != "minimal":
        schema = ContactDetails.model_json_schema(mode="serialization")
        plain = snapshots.filled(schema) | plain | {"notify_by": "email", "unsafe": False, "email": "rosa@kith.example"}
    plain |= {"from_the_future": 1} if kind == "unknown" else {}
    to = reader().public_key()
    text = json.dumps(plain).encode()
    sealed = seal(text, recipient=to, topic=stream.name, contact_id=contact, version=version)
    return sealed.model_dump(mode="json")


def _more(said: Json) -> Json:
    """The same, with a field that nobody knows in each object."""
    inner = {name: _more(value) if isinstance(value, dict) else value for name, value in said.items()}
    return inner | {"from_the_future": {"nobody": ["knows", 1, None]}}


def releases() -> list[str]:
    """Every release there was, oldest first."""
    return sorted((path.name for path in FOLDER.iterdir()), key=lambda name: [int(part) for part in name.split(".")])


def contracts_of(release: str) -> dict[str, Json]:
    """Every contract as it was released, by event type."""
    events: dict[str, Json] = json.loads((FOLDER / release / _CONTRACTS).read_text())["events"]
    return events


def streams_of(release: str) -> dict[str, Json]:
    """What readers of a release rely on of every stream."""
    streams: dict[str, Json] = json.loads((FOLDER / release / _CONTRACTS).read_text())["streams"]
    return streams


def events_of(release: str, kind: str) -> Iterator[Wire]:
    """The events of a release, byte for byte as they were said."""
    for value in (FOLDER / release / f"{kind}.jsonl").read_bytes().splitlines():
        head = json.loads(value)
        stream = next(name for name, of in _places(release) if name.owner == head["source"] and head["type"] in of)
        yield Wire(release, kind, stream, head["type"], head["partitionkey"], value)


def _places(release: str) -> list[tuple[Stream, list[str]]]:
    """Today's stream of each name, and what was said on it then."""
    named = {stream.name: stream for stream in STREAMS}
    return [(named[name], said["types"]) for name, said in streams_of(release).items() if name in named]


def write(release: str) -> None:
    """Write the folder of a new release. Raises FileExistsError: one that is out is never changed."""
    folder = FOLDER / release
    folder.mkdir(parents=True)
    said = {"streams": todays_streams(), "events": todays_contracts()}
    (folder / _CONTRACTS).write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")
    for kind in KINDS:
        lines = (wire.value + b"\n" for wire in todays_events(kind, release))
        (folder / f"{kind}.jsonl").write_bytes(b"".join(lines))


if __name__ == "__main__":
    write(sys.argv[1])
