"""The contracts stand beside those of the last release: what may change does, and what may not fails the build."""

from typing import Any, ClassVar, Literal
from uuid import UUID

import pytest
from pydantic import Field, create_model

from shared.events.asyncapi import payload_schema
from shared.events.compatibility import Change, compare
from shared.events.envelope import ContactRef, Fact, Moment
from shared.events.released import (
    contracts_of,
    releases,
    streams_of,
    todays_contracts,
    todays_streams,
)
from shared.events.vocabulary import ReasonGroup, Urgency


class PlaceAskedFor(Fact):
    """A contract to change in every way there is."""

    name: ClassVar[str] = "place-asked-for"
    id: UUID
    answer_by: Moment
    urgency: Urgency
    places: int = Field(ge=1)
    needs: tuple[str, ...]
    person: ContactRef
    words: str | None = None


FIELDS: dict[str, Any] = {
    "id": (UUID, ...),
    "answer_by": (Moment, ...),
    "urgency": (Urgency, ...),
    "places": (int, Field(ge=1)),
    "needs": (tuple[str, ...], ...),
    "person": (ContactRef, ...),
    "words": (str | None, None),
}


def with_fields(fields: dict[str, Any], version: int = 1) -> type[Fact]:
    made = create_model("PlaceAskedFor", __base__=Fact, __doc__="A contract.", **fields)
    made.name, made.version = "place-asked-for", version
    return made


def changed(*, without: str = "", **fields: Any) -> list[Change]:
    """What the check says of the contract with these fields instead."""
    now = with_fields({name: field for name, field in (FIELDS | fields).items() if name != without})
    return compare({"it": payload_schema(PlaceAskedFor)}, {"it": payload_schema(now)})


class Person(ContactRef):
    """A contact that says more than the released one."""

    known_since: Moment


WAYS: list[tuple[list[Change], str, str]] = [
    (changed(without="places"), "data.places", "was removed"),
    (changed(without="words"), "data.words", "was removed"),
    (changed(without="id", prescription=(UUID, ...)), "data.id", "was renamed to prescription"),
    (changed(practice=(str, ...)), "data.practice", "is new and required, and events already said lack it"),
    (changed(words=(str | None, ...)), "data.words", "became required, and events already said may lack it"),
    (changed(places=(int, Field(1, ge=1))), "data.places", "is no longer always there"),
    (changed(places=(str, ...)), "data.places", "was integer and is now string"),
    (changed(places=(int | None, Field(ge=1))), "data.places", "was integer and is now integer or nothing"),
    (changed(words=(str, "")), "data.words", "was nothing or string and is now string"),
    (changed(words=(int | None, None)), "data.words", "was nothing or string and is now integer or nothing"),
    (changed(words=(UUID | None, None)), "data.words", "had format none and has now 'uuid'"),
    (changed(words=(str | None, "none")), "data.words", "had default None and has now 'none'"),
    (changed(places=(int, Field(ge=2))), "data.places", "had minimum 1 and has now 2"),
    (changed(places=(int, Field(ge=1, le=9))), "data.places", "had maximum none and has now 9"),
    (changed(id=(str, ...)), "data.id", "had format 'uuid' and has now none"),
    (changed(needs=(tuple[int, ...], ...)), "data.needs[]", "was string and is now integer"),
    (changed(urgency=(Literal["routine"], ...)), "data.urgency", "is now string"),
    (changed(urgency=(Literal["routine", "later"], ...)), "data.urgency", "no longer takes 'urgent'"),
    (changed(urgency=(Literal["routine", "urgent", "now"], ...)), "data.urgency", "now takes 'now', which readers"),
    (changed(urgency=(ReasonGroup, ...)), "data.urgency", "no longer takes 'routine'"),
    (changed(urgency=(str, ...)), "data.urgency", "was one of some words and is now string"),
    (changed(person=(Person, ...)), "data.person.known_since", "is new and required"),
]


@pytest.mark.parametrize(("found", "place", "words"), WAYS, ids=[f"{way[1]} {way[2][:30]}" for way in WAYS])
def test_a_change_that_some_reader_cannot_follow_is_named_and_breaks(
    found: list[Change], place: str, words: str
) -> None:
    assert any(each.breaks and each.place == place and words in each.words for each in found), found


@pytest.mark.parametrize(
    "found",
    [
        changed(practice=(str | None, None)),
        changed(practices=(tuple[str, ...], ())),
        changed(referrer=(ContactRef | None, None)),
    ],
)
def test_a_new_optional_field_is_the_same_version(found: list[Change]) -> None:
    assert [(each.words, each.breaks) for each in found] == [("is new and optional", False)]


def test_other_words_for_people_are_no_change() -> None:
    assert not changed(words=(str | None, Field(None, title="In words", description="What was said")))


def test_what_breaks_may_stand_as_a_second_version_beside_the_first_but_not_in_its_place() -> None:
    first, second = PlaceAskedFor, with_fields({name: FIELDS[name] for name in ("id", "urgency")}, version=2)
    released = {first.type_name(): payload_schema(first)}
    beside = compare(released, released | {second.type_name(): payload_schema(second)})
    assert [(each.contract, each.words, each.breaks) for each in beside] == [
        ("kith.place-asked-for.v2", "is new", False)
    ]
    instead = compare(released, {second.type_name(): payload_schema(second)})
    assert [each.contract for each in instead if each.breaks] == ["kith.place-asked-for.v1"]


def test_a_change_is_told_in_a_sentence() -> None:
    (change,) = changed(without="places")
    assert str(change) == "it: data.places was removed; leave it, and say this as a new version beside it"


@pytest.mark.parametrize("release", releases())
def test_no_contract_breaks_with_one_that_was_released(release: str) -> None:
    broken = [str(change) for change in compare(contracts_of(release), todays_contracts()) if change.breaks]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("release", releases())
def test_the_check_would_see_a_field_taken_from_any_released_contract(release: str) -> None:
    todays = todays_contracts()
    for name, schema in contracts_of(release).items():
        least = {**schema, "properties": {n: f for n, f in schema["properties"].items() if n != schema["required"][0]}}
        assert [each for each in compare({name: schema}, {name: least}) if each.breaks]
        assert not [each for each in compare({name: schema}, {name: todays[name]}) if each.breaks]


@pytest.mark.parametrize("release", releases())
def test_streams_keep_their_keys_places_and_events(release: str) -> None:
    todays = todays_streams()
    for name, released in streams_of(release).items():
        now = todays[name]
        # A key stands in a partition by their number; what was said on a stream is looked for on that stream.
        assert {**now, "types": []} == {**released, "types": []}
        assert set(released["types"]) <= set(now["types"])
