"""When, where, for whom and for how much: a listing's facts in words."""

from datetime import UTC, datetime, time, timedelta

import pytest

from services.directory.domain import cost, meetings
from services.directory.domain.activity import Eligibility, eligibility_in_words
from services.directory.domain.cost import Cost, CostKind
from services.directory.domain.geography import GridPoint, NotAPostcode, distance_in_words, outward, tidy_postcode
from services.directory.domain.meetings import Day, Frequency, Meeting, next_meeting
from tests.services.directory.samples import NOW, aged, weekly


@pytest.mark.parametrize(("typed", "tidy"), [("rm176sl", "RM17 6SL"), (" RM17 ", "RM17"), ("ec1a 1bb", "EC1A 1BB")])
def test_a_postcode_may_be_typed_in_any_way_and_by_half(typed: str, tidy: str) -> None:
    assert tidy_postcode(typed) == tidy


@pytest.mark.parametrize("typed", ["Grays", "RM17 6", "1234", "RM17 6SLL"])
def test_what_has_no_postcode_shape_is_refused(typed: str) -> None:
    with pytest.raises(NotAPostcode):
        tidy_postcode(typed)


def test_the_first_half_is_an_area() -> None:
    assert outward("RM17 6SL") == "RM17"


def test_distance_is_a_straight_line_in_miles() -> None:
    assert GridPoint(0, 0).miles_to(GridPoint(3000, 4000)) == pytest.approx(3.107, abs=0.001)


@pytest.mark.parametrize(
    ("miles", "words"),
    [(0.02, "less than 0.1 miles"), (0.96, "1 mile"), (1.04, "1 mile"), (1.23, "1.2 miles"), (12.4, "12 miles")],
)
def test_distance_is_said_in_miles(miles: float, words: str) -> None:
    assert distance_in_words(miles) == words


def test_the_next_meeting_is_the_coming_one_of_the_week() -> None:
    tuesday = weekly(Day.TUESDAY)
    assert next_meeting([tuesday, weekly(Day.MONDAY)], NOW) == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert next_meeting([weekly(Day.FRIDAY)], NOW) == datetime(2026, 11, 20, 14, tzinfo=UTC)
    assert next_meeting([weekly(Day.FRIDAY)], NOW + timedelta(hours=3)) == datetime(2026, 11, 27, 14, tzinfo=UTC)


def test_a_meeting_keeps_its_hour_when_the_clocks_change() -> None:
    in_october = datetime(2026, 10, 23, 12, tzinfo=UTC)
    assert next_meeting([weekly(Day.MONDAY)], in_october) == datetime(2026, 10, 26, 14, tzinfo=UTC)
    in_summer = datetime(2026, 7, 3, 12, tzinfo=UTC)
    assert next_meeting([weekly(Day.MONDAY)], in_summer) == datetime(2026, 7, 6, 13, tzinfo=UTC)


def test_a_meeting_today_without_an_hour_is_today() -> None:
    found = next_meeting([weekly(Day.FRIDAY, None, None)], NOW)
    assert found is not None
    assert found.date() == NOW.date()


def test_nobody_guesses_in_which_week_a_monthly_group_meets() -> None:
    monthly = Meeting(Day.TUESDAY, time(10), None, Frequency.MONTHLY)
    assert next_meeting([monthly, Meeting(words="By appointment")], NOW) is None
    assert meetings.in_words(monthly) == "Once a month on a Tuesday, from 10am"


def test_meetings_are_said_in_words() -> None:
    assert meetings.in_words(weekly(Day.TUESDAY, time(14), time(16, 30))) == "Tuesdays, 2pm to 4:30pm"
    assert meetings.in_words(weekly(Day.SUNDAY, time(12), None)) == "Sundays, from midday"
    assert meetings.in_words(Meeting(words="By appointment")) == "By appointment"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Cost(CostKind.FREE, 0), "Free"),
        (Cost(CostKind.FREE, 0, "donations welcome"), "Free: donations welcome"),
        (Cost(CostKind.PAID, 350), "£3.50"),
        (Cost(CostKind.PAID, 500, "£3 on benefits"), "£5, £3 on benefits"),
        (Cost(CostKind.PAID, None, "Ask us"), "Ask us"),
        (Cost(CostKind.PAID), "There is a charge"),
        (Cost(), "Cost not known"),
    ],
)
def test_cost_is_said_in_words(given: Cost, words: str) -> None:
    assert cost.in_words(given) == words


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (aged(18, 65), "Aged 18 to 65"),
        (aged(50), "Aged 50 and over"),
        (aged(None, 25), "Aged 25 and under"),
        (Eligibility(55, None, "Living in the borough."), "Aged 55 and over. Living in the borough"),
        (Eligibility(), "Everyone"),
    ],
)
def test_who_may_come_is_said_in_words(rules: Eligibility, words: str) -> None:
    assert eligibility_in_words(rules) == words
