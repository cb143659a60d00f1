"""The contracts: snapshots are as committed, every example reads, nothing personal has a field on an open topic."""

import json
import re
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from shared.events import snapshots
from shared.events.asyncapi import payload_schema
from shared.events.envelope import Event, Fact, Head
from shared.events.streams import STREAMS, Stream, owned_by, read_by

FACTS = list(dict.fromkeys(fact for stream in STREAMS for fact in stream.facts))
SERVICES = ("referral", "directory", "notifications", "reporting")
PERSONAL = re.compile(r"given|family|surname|nhs|born|birth|address|postcode|phone|email|note|words|text|full_name")


def test_the_snapshots_are_as_committed() -> None:
    committed = {path.name: path.read_text() for path in snapshots.FOLDER.glob("*.json")}
    assert committed == snapshots.everything(), "a contract changed: `make snapshots`, then read the difference"


@pytest.mark.parametrize("kind", ["full", "minimal"])
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_example_reads_and_meets_its_schema(fact: type[Fact], kind: str) -> None:
    event = Event[fact].model_validate_json(snapshots.example(fact, kind))  # type: ignore[valid-type]
    assert event.type == fact.type_name()
    checker = Draft202012Validator(payload_schema(fact), format_checker=Draft202012Validator.FORMAT_CHECKER)
    checker.validate(json.loads(event.wire()))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_reader_takes_fields_it_does_not_know(fact: type[Fact]) -> None:
    text = snapshots.example(fact).decode().replace('"data": {', '"data": {"from_the_future": 1,', 1)
    assert Head.model_validate_json(text).type == fact.type_name()
    assert Event[fact].model_validate_json(text)  # type: ignore[valid-type]


def _fields(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from _fields(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _fields(value)


@pytest.mark.parametrize("stream", [s for s in STREAMS if not s.sealed], ids=lambda stream: stream.name)
def test_no_open_stream_has_a_field_for_something_personal(stream: Stream) -> None:
    names = {name for fact in stream.facts for name in _fields(payload_schema(fact))}
    assert not [name for name in names if PERSONAL.search(name)]


def test_an_event_type_stands_on_one_open_stream_only() -> None:
    types = [fact.type_name() for stream in STREAMS if not stream.sealed for fact in stream.facts]
    assert len(types) == len(set(types))


def test_every_stream_has_an_owner_and_readers_that_exist() -> None:
    for stream in STREAMS:
        assert stream.owner in SERVICES
        assert set(stream.readers) <= set(SERVICES)
        assert stream.owner not in stream.readers
    assert {s for service in SERVICES for s in (*owned_by(service), *read_by(service))} == set(STREAMS)


def test_sealed_streams_are_read_by_notifications_alone() -> None:
    assert {stream.readers for stream in STREAMS if stream.sealed} == {("notifications",)}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_contract_says_in_words_what_happened(fact: type[Fact]) -> None:
    assert fact.__doc__
    assert not re.search(r"updated|changed|processed|handled|status|started", fact.name)
