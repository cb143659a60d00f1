"""Listings of Open Referral UK feeds, old and new, clean and dirty."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from services.directory.imports.listing import (
    Cost,
    CostKind,
    Eligibility,
    ListingRow,
    Place,
    Provider,
    Room,
    RoomStatus,
    Slot,
    Standing,
)
from services.directory.imports.open_referral import read_listings

NEW: dict[str, Any] = {
    "id": "s-1",
    "name": "Tea & Talk",
    "status": "active",
    "description": "<p>Come in.</p><p>Stay.</p>",
    "email": "tea@group.example.org",
    "url": "www.group.example.org/tea",
    "minimum_age": 18,
    "maximum_age": 99,
    "assured_date": "2026-10-01",
    "last_modified": "2026-10-02T09:00:00Z",
    "contacts": [{"id": "c", "phones": [{"id": "p", "number": "01632 960001"}]}],
    "schedules": [
        {
            "id": "sch",
            "freq": "WEEKLY",
            "byday": "TU,FR",
            "opens_at": "10:00",
            "closes_at": "12:30",
            "notes": "Term time",
        }
    ],
    "cost_options": [{"id": "cost", "amount": 3.5, "currency": "GBP", "amount_description": "including lunch"}],
    "service_at_locations": [
        {
            "id": "at",
            "location": {
                "id": "l",
                "location_type": "physical",
                "name": "The Hall",
                "latitude": 51.4775,
                "longitude": 0.3232,
                "addresses": [{"id": "a", "address_1": "1 High Street", "city": "Quayside", "postal_code": "rm176aa"}],
                "accessibility": [{"id": "x", "description": "Wheelchair accessible", "details": "Ramp at the side"}],
            },
        }
    ],
    "attributes": [
        {"id": "1", "taxonomy_term": {"id": "t", "name": "Befriending", "taxonomy": "Council needs"}},
        {"id": "2", "taxonomy_term": {"id": "u", "name": "polish", "taxonomy": "Languages"}},
    ],
    "organization": {
        "id": "o-1",
        "name": "The Group",
        "description": "Neighbours",
        "website": "https://group.example.org",
    },
}
OLD: dict[str, Any] = {
    "id": "s-2",
    "name": "Walk",
    "status": "active",
    "description": "A walk.",
    "organization": {"id": "o-1", "name": "The Group", "url": "http://group.example.org"},
    "regular_schedules": [{"id": "r", "weekday": "Monday", "opens_at": "10:30:00", "closes_at": "11:00:00"}],
    "eligibilitys": [{"id": "e", "eligibility": "Carers", "minimum_age": "60.0", "maximum_age": "120"}],
    "languages": [{"id": "x", "language": "Bengali"}],
    "service_taxonomys": [{"id": "t", "taxonomy": {"id": "v", "name": "Walking", "vocabulary": "esdNeeds"}}],
    "service_at_locations": [
        {
            "id": "at",
            "location": {
                "id": "l2",
                "name": "Park",
                "physical_addresses": [
                    {"id": "b", "address_1": "Park Lane", "city": "Grays", "postal_code": "RM17 6AB"}
                ],
                "accessibility_for_disabilities": [{"id": "d", "accessibility": "Accessible toilet"}],
            },
            "regular_schedules": [{"id": "r2", "byday": "2TU", "freq": "MONTHLY", "opens_at": "2:00 PM"}],
        }
    ],
}


def listing(**changes: Any) -> ListingRow:
    [row] = read_listings([{**NEW, **changes}]).rows
    return row


def test_a_service_of_version_3_keeps_all_it_says() -> None:
    row = listing()
    assert (row.source_id, row.name, row.summary) == ("s-1", "Tea & Talk", "Come in. Stay.")
    assert row.description == "Come in.\n\nStay."
    assert row.standing is Standing.ACTIVE
    assert row.provider == Provider("o-1", "The Group", "Neighbours", url="https://group.example.org")
    assert (row.email, row.phone) == ("tea@group.example.org", "01632 960001")
    assert row.url == "https://www.group.example.org/tea"
    assert row.places == (Place("The Hall", ("1 High Street", "Quayside"), "RM17 6AA", 561431, 177952),)
    ten, half_past_twelve = time(10), time(12, 30)
    assert row.slots == tuple(Slot(day, ten, half_past_twelve, "weekly", "Term time") for day in ("TU", "FR"))
    assert row.cost == Cost(CostKind.PAID, 350, "including lunch")
    assert row.eligibility == Eligibility(18, None, "")
    assert row.accessibility == ("step-free",)
    assert row.accessibility_text == "Ramp at the side"
    assert row.languages == ("Polish",)
    assert row.needs == ("loneliness",)
    assert (row.assured_on, row.revised_on) == (date(2026, 10, 1), date(2026, 10, 2))
    assert (row.room, row.notes) == (None, ())


def test_a_service_of_version_1_reads_into_the_same_shape() -> None:
    [row] = read_listings([OLD]).rows
    assert row.slots == (
        Slot("MO", time(10, 30), time(11), None, ""),
        Slot("TU", time(14), None, "monthly", "Second Tuesday of the month"),
    )
    assert row.eligibility == Eligibility(60, None, "Carers")
    assert row.languages == ("Bengali",)
    assert row.needs == ("physical-activity",)
    assert row.accessibility == ("accessible-toilet",)
    assert row.places == (Place("Park", ("Park Lane", "Grays"), "RM17 6AB"),)


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("text", "not a service: the feed has something else in its list"),
        ({"name": "No id"}, "the service has no id"),
        ({"id": "x" * 101, "name": "Long"}, "the service's id is longer than 100 characters"),
        ({"id": "s-9", "name": "<p> </p>"}, "the service has no name"),
        ({"id": "s-9", "name": "Odd", "status": "paused?"}, "unknown status “paused?”"),
        ({"id": "s-1", "name": "Again"}, "a later row for “Tea & Talk”"),
    ],
)
def test_a_service_that_cannot_stand_is_left_out_with_its_reason(service: object, reason: str) -> None:
    parsed = read_listings([NEW, service])
    assert [row.name for row in parsed.rows] == ["Tea & Talk"]
    assert [(reject.row, reject.reason) for reject in parsed.rejects] == [(2, reason)]


def test_a_service_without_an_organisation_stays_without_a_provider() -> None:
    assert listing(organization=None).provider is None
    assert listing(organization={"id": "o", "name": ""}).provider is None


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("active", Standing.ACTIVE),
        ("", Standing.ACTIVE),
        ("temporarily closed", Standing.PAUSED),
        ("Temporarily_Closed", Standing.PAUSED),
        ("inactive", Standing.WITHDRAWN),
        ("defunct", Standing.WITHDRAWN),
    ],
)
def test_every_published_status_has_a_standing(status: str, standing: Standing) -> None:
    assert listing(status=status).standing is standing


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({"cost_options": [{"amount": 0}]}, Cost(CostKind.FREE, 0, "")),
        (
            {"cost_options": [{"amount": "0"}, {"amount": "£2.50", "option": "Adult"}]},
            Cost(CostKind.PAID, 250, "Adult"),
        ),
        ({"cost_options": [{"amount": 12, "currency": "EUR"}]}, Cost(CostKind.NOT_STATED, None, "")),
        ({"cost_options": [], "fees": "Free of charge"}, Cost(CostKind.FREE, 0, "Free of charge")),
        ({"cost_options": [], "fees": "Free, then £3"}, Cost(CostKind.PAID, 300, "Free, then £3")),
        ({"cost_options": [], "fees": "Ask at the desk"}, Cost(CostKind.NOT_STATED, None, "Ask at the desk")),
        ({"cost_options": []}, Cost()),
    ],
)
def test_a_price_is_free_only_when_the_feed_says_so(fields: dict[str, Any], cost: Cost) -> None:
    assert listing(**fields).cost == cost


def test_coordinates_outside_the_kingdom_are_left_out_with_a_note() -> None:
    place = {"id": "l", "location_type": "physical", "name": "Example", "latitude": 100, "longitude": 101}
    row = listing(service_at_locations=[{"id": "at", "location": place}])
    assert row.places == (Place("Example"),)
    assert row.notes == ("coordinates outside the United Kingdom left out",)


def test_an_online_place_has_no_address() -> None:
    place = {"id": "l", "location_type": "virtual", "name": "Video call"}
    assert listing(service_at_locations=[{"id": "at", "location": place}]).places == (Place("Video call", online=True),)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http:www.group.org", ""),
        ("javascript:alert(1)", ""),
        ("not a site", ""),
        ("http://[bad", ""),
        ("group.org", "https://group.org"),
    ],
)
def test_only_web_addresses_are_kept_as_such(given: str, kept: str) -> None:
    row = listing(url=given, organization=None)
    assert row.url == kept
    assert row.notes == (() if kept else ("web address left out: it is not one",))


@pytest.mark.parametrize(
    ("field", "room"),
    [
        (
            {"capacity": {"status": "capacity", "available": 3, "maximum": 12, "updated": "2026-11-01T09:00:00Z"}},
            Room(RoomStatus.CAPACITY, 3, 12, datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ),
        ({"capacity": {"status": "waitlist", "description": "A month"}}, Room(RoomStatus.WAITLIST, text="A month")),
        (
            {"capacities": [{"id": "c", "available": 0, "updated": "2026-11-01"}]},
            Room(RoomStatus.NO_CAPACITY, 0, None, datetime(2026, 11, 1, tzinfo=UTC)),
        ),
    ],
)
def test_stated_room_is_read(field: dict[str, Any], room: Room) -> None:
    assert listing(**field).room == room


def test_room_that_says_nothing_is_left_out_with_a_note() -> None:
    row = listing(capacity={"status": "plenty"})
    assert (row.room, row.notes) == (None, ("capacity left out: neither a known status nor a number of places",))


def test_codes_of_kith_are_taken_as_given_and_nothing_is_guessed_beside_them() -> None:
    term = {"id": "t", "code": "gambling", "name": "Gambling", "taxonomy": "Kith's reasons"}
    unknown = {**term, "code": "no-such-code"}
    row = listing(name="Walking choir", attributes=[{"taxonomy_term": term}, {"taxonomy_term": unknown}])
    assert row.needs == ("gambling",)


@pytest.mark.parametrize(
    ("name", "description", "needs"),
    [
        ("Community Choir", "", ("arts",)),
        ("Partially sighted group", "", ()),
        ("Drop-in", "Help with debt advice and welfare rights.", ("debt", "benefits")),
        ("Party planning", "Anxiety-free decorations. " + "x " * 300 + "debt advice", ()),
        ("Foodbank", "", ("food",)),
    ],
)
def test_needs_are_recognised_with_caution(name: str, description: str, needs: tuple[str, ...]) -> None:
    assert listing(name=name, description=description, attributes=[]).needs == needs


def test_a_listing_for_nearly_everyone_is_not_taken_for_each_of_them() -> None:
    few = [{"audienceType": "Carers "}, {"audienceType": "Dementia"}]
    many = [{"audienceType": kind} for kind in ("Carers", "Dementia", "Bereaved", "Homeless", "Parents")]
    assert listing(attributes=[], pc_targetAudience=few).needs == ("caring", "dementia")
    assert listing(attributes=[], pc_targetAudience=few).eligibility.text == "For: Carers, Dementia"
    assert listing(attributes=[], pc_targetAudience=many).needs == ()


@pytest.mark.parametrize(
    "value", [None, 7, "text", [], {}, [None, 3, "x", [[]]], {"id": None}, float("nan"), float("inf")]
)
@pytest.mark.parametrize("field", sorted(NEW.keys() - {"id", "name", "status"}))
def test_a_field_of_the_wrong_kind_spoils_nothing_else(field: str, value: object) -> None:
    assert listing(**{field: value}).name == "Tea & Talk"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", float("inf"), float("nan"), "-3", "1e9", "three", True])
def test_an_amount_that_is_none_is_no_price(amount: object) -> None:
    assert listing(cost_options=[{"amount": amount}]).cost == Cost()


def test_what_no_store_can_keep_is_left_out_of_every_text() -> None:
    row = listing(id="s\0-1", name="Tea \ud800& Talk\0", email="a\0@group.example.org")
    assert (row.source_id, row.name, row.email) == ("s-1", "Tea & Talk", "a@group.example.org")


def test_two_spellings_of_one_uuid_are_one_listing() -> None:
    small = "2af617e5-4532-bebe-1036-ffdf2e93ce55"
    parsed = read_listings([{**NEW, "id": small.upper()}, {**NEW, "id": small.replace("-", "")}])
    assert [row.source_id for row in parsed.rows] == [small]
    assert [reject.row for reject in parsed.rejects] == [2]


def test_a_service_without_a_contact_of_its_own_has_its_organisations() -> None:
    organisation = {
        "id": "o",
        "name": "The Group",
        "email": "all@group.example.org",
        "phones": [{"number": "01632 960009"}],
    }
    row = listing(email="", url="", contacts=[], organization={**organisation, "website": "https://group.example.org"})
    assert (row.email, row.phone, row.url) == ("all@group.example.org", "01632 960009", "https://group.example.org")
