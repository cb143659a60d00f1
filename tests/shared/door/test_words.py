"""Dates, ages and amounts as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.door import words

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def test_a_moment_is_told_in_london() -> None:
    summer = datetime(2026, 7, 1, 11, 0, tzinfo=UTC)
    assert words.moment(summer) == "1 July 2026 at midday"
    assert words.day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "Thursday 2 July 2026"
    assert words.moment(NOW) == "20 November 2026 at 2:30pm"
    assert words.clock(datetime(2026, 11, 20, 0, 5, tzinfo=UTC)) == "12:05am"
    assert words.clock(datetime(2026, 11, 20, 14, 0, tzinfo=UTC)) == "2pm"


@pytest.mark.parametrize(
    ("past", "told"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(hours=15), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=70), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_an_age_is_told_in_the_unit_people_would_use(past: timedelta, told: str) -> None:
    assert words.ago(NOW - past, NOW) == told


def test_a_day_has_an_age_too() -> None:
    assert words.ago(date(2026, 11, 20), NOW) == "today"
    assert words.ago(date(2026, 11, 19), NOW) == "yesterday"


def test_numbers_and_money() -> None:
    assert words.nhs_number("9990000018") == "999 000 0018"
    assert (words.money(0), words.money(200), words.money(1250)) == ("free", "£2", "£12.50")
    assert (words.percent(1, 3), words.percent(0, 0)) == ("33%", "–")
    assert (words.listed([]), words.listed(["a"]), words.listed(["a", "b"], "or")) == ("", "a", "a or b")
    assert (words.said(None), words.said(0)) == ("", "0")
