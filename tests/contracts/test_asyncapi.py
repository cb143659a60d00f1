"""Each service's AsyncAPI document is valid AsyncAPI 3, judged by the specification's own schema."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from deploy.databases import SERVICES
from deploy.embedded.assets import ASYNCAPI_SCHEMAS
from shared.events.asyncapi import document


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """The published schema; it is draft 7 and carries all it refers to."""
    schema: dict[str, Any] = json.loads((ASYNCAPI_SCHEMAS / "3.0.0.json").read_text())
    return Draft7Validator(schema)


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_valid(service: str, validator: Draft7Validator) -> None:
    assert [error.message for error in validator.iter_errors(document(service))] == []


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
