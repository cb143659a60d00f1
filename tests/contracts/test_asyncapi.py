"""Each service's AsyncAPI document is valid AsyncAPI 3, judged by the specification's own schema."""

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import create_model

from deploy.databases import SERVICES
from deploy.embedded.assets import ASYNCAPI_SCHEMAS
from shared.events import asyncapi
from shared.events.asyncapi import document
from shared.events.place import PlaceEnded
from shared.events.streams import PLACE_EVENTS, STREAMS, Stream


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """The published schema; it is draft 7 and carries all it refers to."""
    schema: dict[str, Any] = json.loads((ASYNCAPI_SCHEMAS / "3.0.0.json").read_text())
    return Draft7Validator(schema)


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_valid(service: str, validator: Draft7Validator) -> None:
    assert [error.message for error in validator.iter_errors(document(service))] == []


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_stream_and_every_event_stands_with_its_owner_and_its_readers(stream: Stream) -> None:
    for service in SERVICES:
        made, operation = document(service), f"{'send' if service == stream.owner else 'receive'}-{stream.name}"
        assert (operation in made["operations"]) == (service in (stream.owner, *stream.readers))
        if operation in made["operations"]:
            messages = made["channels"][stream.name]["messages"]
            named = [made["components"]["messages"][name]["name"] for name in messages]
            assert named == [fact.type_name() for fact in stream.facts]
            assert len(made["operations"][operation]["messages"]) == len(stream.facts)
            assert set(named) <= set(made["components"]["schemas"])


def test_two_versions_of_an_event_stand_beside_each_other(
    validator: Draft7Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    second: type[PlaceEnded] = create_model("PlaceEndedAgain", __base__=PlaceEnded, __doc__="It ended.")
    second.version = 2
    both = replace(PLACE_EVENTS, facts=(*PLACE_EVENTS.facts, second))
    monkeypatch.setattr(asyncapi, "owned_by", lambda service: (both,))
    made = document("directory")
    assert validator.is_valid(made)
    assert {"kith.place-ended.v1", "kith.place-ended.v2"} <= set(made["components"]["schemas"])
    assert {"place-ended.v1", "place-ended.v2"} <= set(made["channels"]["place-events"]["messages"])


def test_a_broken_document_is_refused(validator: Draft7Validator) -> None:
    broken = document("referral")
    broken["operations"]["send-referral-events"]["action"] = "shout"
    assert not validator.is_valid(broken)


@pytest.mark.parametrize("service", SERVICES)
def test_every_reference_leads_somewhere(service: str) -> None:
    made = document(service)

    def references(of: object) -> list[str]:
        if isinstance(of, dict):
            here = [of["$ref"]] if isinstance(of.get("$ref"), str) else []
            return here + [found for value in of.values() for found in references(value)]
        return [found for value in of for found in references(value)] if isinstance(of, list) else []

    for reference in references(made):
        place: Any = made
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place
