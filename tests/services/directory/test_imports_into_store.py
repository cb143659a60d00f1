"""Taking in feeds, postcodes and people: whole or not at all, counted, and a second run changes nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.directory.actions.people import import_people
from services.directory.actions.postcodes import import_postcodes
from services.directory.domain.geography import GridPoint
from services.directory.imports.postcodes import PostcodeRow
from services.directory.store.postcodes import where_it_lies
from shared.runtime import sealing
from shared.runtime.imports import Reject
from shared.runtime.staff_file import read_staff
from tests.services.directory.samples import NOW
from tests.services.directory.stage import Stage, service

PUBLIC, _ = sealing.new_pair()
KEY = sealing.public_key(PUBLIC)
STAFF = """subject,name,role,organisation,email,phone
kim,Kim Lee,provider,riverside,kim@kith.example,
amara,Amara Okafor,link-worker,U99001,amara@kith.example,
"""


def room(places: int, updated: str) -> dict[str, Any]:
    return {"capacity": {"status": "capacity", "available": places, "updated": updated}}


async def test_a_feed_is_taken_in_and_each_activity_told_once(stage: Stage) -> None:
    tally = await stage.feed(service(), service("Tea and talk"), service(name=""))
    assert tally.counts() == {"read": 3, "added": 2, "changed": 0, "unchanged": 0, "rejected": 1}
    first, second = await stage.events("directory-events")
    assert first["type"] == second["type"] == "kith.activity-listed.v1"
    assert first["partitionkey"] == first["subject"]
    activity = first["data"]["activity"]
    assert (activity["activity_name"], activity["provider_id"], activity["provider_name"]) == (
        "Riverside Singers",
        "riverside",
        "Riverside Arts",
    )


async def test_a_second_run_changes_nothing_and_tells_nothing(stage: Stage) -> None:
    feed = [service(**room(3, "2026-11-06T09:00:00Z")), service("Tea and talk")]
    await stage.feed(*feed)
    before = await stage.rows("SELECT number FROM directory_revision")
    tally = await stage.feed(*feed, at=NOW + timedelta(days=1))
    assert tally.counts() == {"read": 2, "added": 0, "changed": 0, "unchanged": 2, "rejected": 0}
    assert await stage.rows("SELECT number FROM directory_revision") == before
    assert len(await stage.told("directory-events")) == 2


async def test_one_provider_spelt_in_two_ways_does_not_change_for_ever(stage: Stage) -> None:
    other = {"id": "riverside", "name": "RIVERSIDE ARTS"}
    feed = [service(), service("Tea and talk", organization=other)]
    await stage.feed(*feed)
    assert (await stage.feed(*feed)).counts()["unchanged"] == 2


async def test_what_changed_is_told_and_what_is_withdrawn_and_comes_back(stage: Stage) -> None:
    await stage.feed(service())
    changes: list[dict[str, Any]] = [{"description": "A choir."}, {"status": "inactive"}, {"status": "inactive"}, {}]
    for change in changes:
        await stage.feed(service(**change))
    told = ["activity-listed", "activity-revised", "activity-withdrawn", "activity-listed"]
    assert await stage.told("directory-events") == told


async def test_the_later_word_on_room_counts_whoever_said_it(stage: Stage) -> None:
    await stage.feed(service(**room(3, "2026-11-06T09:00:00Z")))
    await stage.feed(service(**room(5, "2026-11-10T09:00:00Z")))
    await stage.feed(service(**room(9, "2026-11-08T09:00:00Z")))
    assert await stage.rows("SELECT room_status, room_places FROM activity") == [
        {"room_status": "capacity", "room_places": 5}
    ]
    assert await stage.told("directory-events") == ["activity-listed", "capacity-stated"]


async def test_an_activity_that_names_no_organisation_is_listed_without_a_provider(stage: Stage) -> None:
    await stage.feed(service(organization=None))
    (told,) = await stage.events("directory-events")
    assert told["data"]["activity"]["provider_id"] == ""


async def test_an_import_that_fails_half_way_has_not_happened(stage: Stage) -> None:
    def breaks() -> Iterator[PostcodeRow | Reject]:
        yield located("RM17 6SL", 561_000, 178_000)
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="disk"):
        async with stage.acting() as tx:
            await import_postcodes(tx, [breaks()])
    assert await stage.rows("SELECT * FROM postcode") == []


def located(postcode: str, easting: int, northing: int) -> PostcodeRow:
    return PostcodeRow(postcode, 10, easting, northing, "E06000034", "E05002229")


async def test_postcodes_are_counted_and_a_second_run_changes_nothing(stage: Stage) -> None:
    first: list[PostcodeRow | Reject] = [
        located("RM17 6SL", 561_000, 178_000),
        located("RM17 6SP", 562_000, 179_000),
    ]
    again: list[PostcodeRow | Reject] = [
        located("RM17 6SL", 561_000, 178_000),
        located("RM17 6SP", 562_002, 179_000),
        Reject(3, "X", "no"),
    ]
    expected: list[tuple[list[PostcodeRow | Reject], tuple[int, ...]]]
    expected = [(first, (2, 0, 0, 0)), (first, (0, 0, 2, 0)), (again, (0, 1, 1, 1))]
    for rows, counts in expected:
        async with stage.acting() as tx:
            tally = await import_postcodes(tx, [rows])
        assert (tally.added, tally.changed, tally.unchanged, tally.rejected) == counts


async def test_a_postcode_in_two_files_counts_once(stage: Stage) -> None:
    row = located("RM17 6SL", 561_000, 178_000)
    async with stage.acting() as tx:
        tally = await import_postcodes(tx, [[row], [row]])
    assert (tally.read, tally.added, tally.rejected) == (2, 1, 1)


async def test_a_postcode_lies_where_it_lies_and_its_first_half_in_the_middle_of_its_area(stage: Stage) -> None:
    rows = [
        located("RM17 6SL", 561_000, 178_000),
        located("RM17 6SP", 562_000, 180_000),
        located("RM1 7AA", 500_000, 100_000),
        located("RM18 1AA", 900, 900),
    ]
    async with stage.acting() as tx:
        await import_postcodes(tx, [rows])
        assert await where_it_lies(tx, "RM17 6SL") == GridPoint(561_000, 178_000)
        assert await where_it_lies(tx, "RM17") == GridPoint(561_500, 179_000)
        assert await where_it_lies(tx, "RM17 9ZZ") is None
        assert await where_it_lies(tx, "ZE1") is None


async def test_a_providers_people_are_reached_through_a_sealed_contact_that_its_listings_name(stage: Stage) -> None:
    await stage.feed(service())
    for counts in ((1, 0), (0, 1)):
        async with stage.acting() as tx:
            tally = await import_people(tx, read_staff(STAFF.encode()), KEY, NOW)
        assert (tally.added, tally.unchanged) == counts
    (contact,) = await stage.events("directory-contacts")
    assert set(contact["data"]["sealed"]) == {"v", "kid", "key", "nonce", "ciphertext"}
    assert "kim" not in str(contact).lower()
    listed, revised = await stage.events("directory-events")
    assert "provider_contact" not in listed["data"]["activity"] or not listed["data"]["activity"]["provider_contact"]
    reference = {"contact_id": contact["data"]["contact_id"], "version": 1}
    assert revised["data"]["activity"]["provider_contact"] == reference


async def test_a_new_address_is_a_new_version_of_the_contact(stage: Stage) -> None:
    await stage.feed(service())
    for content in (STAFF, STAFF.replace("kim@", "office@")):
        async with stage.acting() as tx:
            tally = await import_people(tx, read_staff(content.encode()), KEY, NOW)
    assert tally.changed == 1
    versions = [event["data"]["contact_version"] for event in await stage.events("directory-contacts")]
    assert versions == [1, 2]


async def test_nobody_is_taken_in_for_a_provider_without_a_listing(stage: Stage) -> None:
    async with stage.acting() as tx:
        tally = await import_people(tx, read_staff(STAFF.encode()), KEY, NOW)
    assert [(each.id, each.reason) for each in tally.rejects] == [("kim", "we hold no provider riverside")]
    assert tally.read == 1
