"""Every version of every writer against every version of every reader: who can read what whom said."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from jsonschema import Draft202012Validator
from pydantic import ValidationError

from shared.backbone.consumers import Consumers, Record, Unreadable
from shared.events.envelope import Event, Fact
from shared.events.released import KINDS, Wire, contracts_of, events_of, releases, todays_events
from tests.contracts.test_event_map import tables

TODAY = "today"


@dataclass
class Row:
    """What one version of the writers says, to one version of the readers."""

    writers: str
    readers: str
    read: int = 0
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.writers} → {self.readers}: {self.read} read, {len(self.refused)} refused"


def matrix() -> list[Row]:
    """Each pair of versions there is. A row with anything refused is a contract broken."""
    versions = [*releases(), TODAY]
    return [_row(writers, readers) for writers in versions for readers in versions]


def said_by(version: str) -> Iterator[Wire]:
    """Every event that a version of the writers says, in its three kinds."""
    for kind in KINDS:
        yield from todays_events(kind) if version == TODAY else events_of(version, kind)


def _row(writers: str, readers: str) -> Row:
    row, read = Row(writers, readers), Today() if readers == TODAY else Released(readers)
    for wire in said_by(writers):
        if trouble := read(wire):
            row.refused.append(f"{wire.kind} {wire.type}: {trouble}")
        else:
            row.read += 1
    return row


class Released:
    """Readers of a release, who go by the schemas that they were given; types of a later one they pass over."""

    def __init__(self, release: str) -> None:
        check = Draft202012Validator.FORMAT_CHECKER
        self._contracts = {
            name: Draft202012Validator(schema, format_checker=check) for name, schema in contracts_of(release).items()
        }

    def __call__(self, wire: Wire) -> str:
        """Why it cannot be read; nothing when it can."""
        known = self._contracts.get(wire.type)
        return "; ".join(error.message for error in known.iter_errors(json.loads(wire.value))) if known else ""


class Today:
    """Today's services, through the tables that they dispatch by; what nobody handles is read all the same."""

    def __init__(self) -> None:
        self._tables = tables()

    def __call__(self, wire: Wire) -> str:
        """Why it cannot be read; nothing when it can."""
        try:
            fact = next(fact for fact in wire.stream.facts if fact.type_name() == wire.type)
            model: type[Event[Fact]] = Event[fact]  # type: ignore[valid-type]
            model.model_validate_json(wire.value)
            for service in wire.stream.readers:
                self._heard(self._tables[service], wire)
        except (ValidationError, Unreadable, StopIteration) as error:
            return f"{type(error).__name__} {error}"
        return ""

    @staticmethod
    def _heard(table: Consumers, wire: Wire) -> None:
        work = table.read(Record(wire.stream.name, 0, 0, wire.key, wire.value))
        assert (work is not None) == ((wire.stream.name, wire.type) in table.handled)
