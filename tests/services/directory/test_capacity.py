"""Room: what was said, how old it is, and how far it is believed."""

from datetime import timedelta

import pytest

from services.directory.domain.capacity import (
    NOTHING_SAID,
    Capacity,
    CapacityStatus,
    PlacesOutOfRange,
    PlacesWithoutRoom,
    age_in_words,
    believed,
    beside_its_tag,
    chance_of_room,
    in_words,
    state,
)
from tests.services.directory.samples import NOW, room

BEST_FIRST = [
    CapacityStatus.CAPACITY,
    CapacityStatus.ASSESSMENT,
    CapacityStatus.UNKNOWN,
    CapacityStatus.WAITLIST,
    CapacityStatus.NO_CAPACITY,
]


def test_room_is_shown_with_its_places_and_its_age() -> None:
    assert in_words(room(CapacityStatus.CAPACITY, places=3, days_ago=14), NOW) == "Room for 3, said 2 weeks ago"
    assert in_words(room(CapacityStatus.CAPACITY), NOW) == "Room now, said today"
    assert in_words(room(CapacityStatus.NO_CAPACITY, days_ago=1), NOW) == "Full, said yesterday"


def test_room_that_nobody_stated_is_not_known() -> None:
    assert in_words(NOTHING_SAID, NOW) == "Room not known"


def test_beside_its_tag_room_is_not_said_twice() -> None:
    shown = [
        room(CapacityStatus.CAPACITY, places=3, days_ago=14),
        room(CapacityStatus.WAITLIST, days_ago=14),
        room(CapacityStatus.CAPACITY, days_ago=91),
        NOTHING_SAID,
    ]
    said = ["Room for 3, said 2 weeks ago", "Said 2 weeks ago", "Room last said 3 months ago", "Room not known"]
    assert [beside_its_tag(each, NOW) for each in shown] == said


def test_what_was_said_three_months_ago_is_no_longer_believed() -> None:
    old = room(CapacityStatus.CAPACITY, places=3, days_ago=91)
    assert believed(old, NOW) is CapacityStatus.UNKNOWN
    assert in_words(old, NOW) == "Room not known, last said 3 months ago"
    assert chance_of_room(old, NOW) == chance_of_room(NOTHING_SAID, NOW)


@pytest.mark.parametrize("days", [0, 30, 89])
def test_the_chance_of_room_keeps_its_order_as_it_ages(days: int) -> None:
    chances = [chance_of_room(room(status, days_ago=days), NOW) for status in BEST_FIRST]
    assert chances == sorted(chances, reverse=True)
    assert len(set(chances)) == len(chances)


def test_old_news_moves_towards_not_known() -> None:
    fresh, old = (chance_of_room(room(CapacityStatus.CAPACITY, days_ago=days), NOW) for days in (0, 60))
    assert fresh > old > chance_of_room(NOTHING_SAID, NOW)


def test_places_go_with_room_alone() -> None:
    assert state(CapacityStatus.CAPACITY, 3, NOW) == Capacity(CapacityStatus.CAPACITY, 3, NOW)
    with pytest.raises(PlacesWithoutRoom):
        state(CapacityStatus.WAITLIST, 3, NOW)
    for places in (0, -1, 1000):
        with pytest.raises(PlacesOutOfRange):
            state(CapacityStatus.CAPACITY, places, NOW)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (60, "8 weeks ago"),
        (61, "2 months ago"),
        (800, "2 years ago"),
        (-1, "today"),
    ],
)
def test_an_age_is_said_in_words(days: int, words: str) -> None:
    assert age_in_words(NOW - timedelta(days=days), NOW) == words


def test_yesterday_is_a_day_of_the_calendar_and_not_twenty_four_hours() -> None:
    assert age_in_words(NOW - timedelta(hours=13), NOW) == "yesterday"
