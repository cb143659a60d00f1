"""What an operator sees of an event put aside: what keeps to its contract; never what breaks it, nor what is sealed."""

import json
from typing import Any

import pytest

from shared.door.shown import shown
from shared.events.contact import ContactStated
from shared.events.envelope import Fact
from shared.events.referral import ReferralCreated
from shared.events.snapshots import example
from shared.events.streams import STREAMS

NAME = "Ana Example"
OPEN = [(stream.name, fact) for stream in STREAMS if not stream.sealed for fact in stream.facts]


def said(fact: type[Fact], **data: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(example(fact))
    event["data"] |= data
    return event


def wire(event: object) -> bytes:
    return json.dumps(event).encode()


@pytest.mark.parametrize(("stream", "fact"), OPEN, ids=str)
def test_an_event_that_keeps_to_its_contract_is_shown_whole(stream: str, fact: type[Fact]) -> None:
    event = said(fact)
    seen = shown(stream, wire(event))
    assert (seen.data, list(seen.faults), seen.words) == (event["data"], [], "")
    assert seen.attributes == {
        name: value for name, value in event.items() if name not in ("data", "specversion", "datacontenttype")
    }


def test_what_breaks_the_contract_is_named_and_not_shown() -> None:
    event = said(ReferralCreated, reason_group=NAME, note=NAME, person={"contact_id": NAME, "version": 1, "also": NAME})
    del event["data"]["route"]
    seen = shown("referral-events", wire(event | {"subject": NAME, "sequence": NAME, "extra": NAME}))
    assert NAME not in repr(seen)
    assert seen.data
    assert (seen.data["reason_group"], seen.data["person"]) == (
        "(not shown)",
        {"contact_id": "(not shown)", "version": 1},
    )
    places = [fault.partition(":")[0] for fault in seen.faults]
    for place in (
        "data.route",
        "data.reason_group",
        "data.note",
        "data.person.contact_id",
        "data.person.also",
        "extra",
    ):
        assert place in places


def test_a_field_that_bears_a_name_is_not_named() -> None:
    seen = shown("referral-events", wire(said(ReferralCreated, **{NAME: 1})))
    assert NAME not in repr(seen)
    assert "data.(not shown): the contract does not know it" in seen.faults


@pytest.mark.parametrize("stream", ["referral-contacts", "directory-contacts"])
def test_of_what_is_sealed_only_the_attributes_are_shown(stream: str) -> None:
    event = said(ContactStated)
    seen = shown(stream, wire(event))
    assert (seen.data, seen.words) == (None, "Its content is sealed.")
    assert seen.attributes["subject"] == event["subject"]
    assert not any(str(value) in repr(seen) for value in event["data"]["sealed"].values() if len(str(value)) > 8)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (None, "An erasure"),
        (b"Ana Example", "It cannot be read: 11 bytes"),
        (b'["Ana Example"]', "It cannot be read: JSON, but no object"),
        (wire({"type": "kith.sung.v1", "data": {"who": NAME}}), "Its type is not in the catalogue"),
        (wire({"type": NAME, "data": NAME}), "Its type is not in the catalogue"),
        (wire(said(ReferralCreated) | {"data": NAME}), ""),
        (wire(said(ReferralCreated) | {"data": [NAME]}), ""),
    ],
)
def test_what_is_no_event_of_ours_is_told_in_words(payload: bytes | None, words: str) -> None:
    seen = shown("referral-events", payload)
    assert seen.words.startswith(words)
    assert seen.data is None
    assert NAME not in repr(seen)
