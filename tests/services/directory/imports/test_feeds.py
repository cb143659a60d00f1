"""Whole feeds: in pages, as a council published one, and the one the invented borough carries."""

import dataclasses
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from services.directory.domain.needs import NEED_BY_CODE
from services.directory.imports.listing import CostKind, ListingRow, RoomStatus, Standing
from services.directory.imports.open_referral import read_listings
from services.directory.imports.pages import read_services
from services.directory.imports.postcodes import PostcodeRow, read_postcodes
from services.directory.imports.vocabulary import needs
from shared.runtime.imports import Parsed, UnreadableFile
from shared.runtime.staff_file import read_staff
from tests.needs import PUBLISHED_DATA, need

CARRIED = Path(__file__).resolve().parents[4] / "deploy" / "embedded" / "network"


def carried() -> Parsed[ListingRow]:
    return read_listings(read_services((CARRIED / "activities.json").read_bytes()))


def bristol() -> bytes:
    path = PUBLISHED_DATA / "oruk" / "bristol-services.json"
    need(path.exists(), "the published Open Referral UK feed is not beside the project")
    return path.read_bytes()


@pytest.fixture(scope="module")
def published() -> Parsed[ListingRow]:
    return read_listings(read_services(bristol()))


def words(row: object) -> list[str]:
    """Every text in a listing, however deep."""
    if isinstance(row, str):
        return [row]
    if dataclasses.is_dataclass(row):
        return [word for field in dataclasses.fields(row) for word in words(getattr(row, field.name))]
    return [word for part in row for word in words(part)] if isinstance(row, tuple) else []


def test_a_page_of_either_version_and_a_bare_list_are_feeds() -> None:
    for whole in (b'{"content": [{"id": 1}], "totalPages": 1}', b'{"contents": [{"id": 1}]}', b'[{"id": 1}]'):
        assert read_services(whole) == [{"id": 1}]


def test_one_page_of_several_is_refused_since_an_import_is_whole() -> None:
    with pytest.raises(UnreadableFile, match="one page of several"):
        read_services(b'{"contents": [{"id": 1}], "total_pages": 4}')


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"id": 1}', b'"text"', b"{", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_feed_is_refused_whole(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="The feed is n"):
        read_services(content)


def test_the_published_feed_gives_817_listings_and_2_rejects(published: Parsed[ListingRow]) -> None:
    assert len(published.rows) == 817
    assert [(reject.row, reject.reason) for reject in published.rejects] == [
        (1, "the service has no name"),
        (811, "a later row for “Fishponds Yoga for Fitness & Wellbeing”"),
    ]
    assert sum(row.provider is None for row in published.rows) == 6


def test_no_html_no_picture_and_no_assurers_address_comes_through(published: Parsed[ListingRow]) -> None:
    texts = [word for row in published.rows for word in words(row)]
    assert not [word for word in texts if re.search(r"</?[a-zA-Z][^<>]*>|&[a-z]+;|\bdata:|base64", word)]
    assert max(map(len, texts)) <= 6000
    services = json.loads(bristol())
    assurers = {service["pc_metadata"]["assured_by"] for service in services} - {s["email"] for s in services}
    assert assurers
    assert not assurers & {row.email for row in published.rows}


def test_the_published_feed_reads_the_same_a_second_time(published: Parsed[ListingRow]) -> None:
    assert read_listings(read_services(bristol())) == published


def test_recognised_needs_are_kiths_own() -> None:
    assert {rule.code for rule in needs().rules} == NEED_BY_CODE.keys() - {"other"}


def test_the_carried_activities_read_without_a_reject_or_a_note() -> None:
    parsed = carried()
    assert parsed.rejects == ()
    assert len(parsed.rows) >= 120
    assert not [row.name for row in parsed.rows if row.notes]
    assert all(row.provider and row.needs and row.slots and row.languages for row in parsed.rows)
    assert all(row.cost.kind is not CostKind.NOT_STATED for row in parsed.rows)


def test_the_carried_activities_cover_every_need_and_every_state_of_room() -> None:
    rows = carried().rows
    assert {code for row in rows for code in row.needs} == NEED_BY_CODE.keys() - {"other"}
    assert {row.room.status if row.room else None for row in rows} == {*RoomStatus, None}
    assert {row.standing for row in rows} == set(Standing)
    offered = Counter(row.provider.name for row in rows if row.provider)
    assert len(offered) >= 45
    assert sum(count >= 4 for count in offered.values()) >= 5


def test_every_carried_place_stands_at_a_carried_postcode() -> None:
    with (CARRIED / "postcodes.csv").open("rb") as source:
        where = {row.postcode: row for row in read_postcodes(source) if isinstance(row, PostcodeRow)}
    for place in (place for row in carried().rows for place in row.places if not place.online):
        postcode = where[place.postcode]
        assert place.easting is not None
        assert place.northing is not None
        assert abs(place.easting - postcode.easting) + abs(place.northing - postcode.northing) < 10


def test_every_carried_group_has_people_and_they_have_no_other() -> None:
    people = read_staff((CARRIED / "staff.csv").read_bytes()).rows
    belong = {organisation for person in people if person.role == "provider" for organisation in person.organisations}
    assert belong == {row.provider.id for row in carried().rows if row.provider}


def test_nothing_carried_leads_to_a_real_inbox_site_or_telephone() -> None:
    for row in carried().rows:
        assert row.provider is not None
        assert all(email.endswith(".example.org") for email in (row.email, row.provider.email))
        assert all(re.match(r"https://[a-z]+\.example\.org", url) for url in (row.url, row.provider.url))
        assert row.provider.phone.startswith("01632 960")
