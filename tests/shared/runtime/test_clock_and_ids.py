"""Working days, London days and short references."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.runtime import clock, ids


def test_five_working_days_pass_over_a_weekend() -> None:
    assert clock.add_working_days(date(2026, 11, 20), 5) == date(2026, 11, 27)


def test_working_days_pass_over_christmas_and_new_year() -> None:
    # 25 December 2026 is a Friday; Boxing Day is kept on Monday 28.
    assert clock.add_working_days(date(2026, 12, 24), 5) == date(2027, 1, 5)


def test_the_end_of_a_summer_day_in_london_is_before_eleven_in_utc() -> None:
    assert clock.end_of_day(date(2026, 7, 1)) == datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC)


def test_a_reference_reads_back_however_it_is_typed() -> None:
    reference = ids.new_reference()
    assert ids.tidy_reference(reference.replace("-", " ").lower()) == reference


def test_what_cannot_be_a_reference_is_none() -> None:
    assert ids.tidy_reference("AEI-OU1") is None
    assert ids.tidy_reference("K7F") is None


@given(st.text(max_size=12))
def test_any_text_is_a_tidy_reference_or_none(text: str) -> None:
    tidy = ids.tidy_reference(text)
    assert tidy is None or ids.tidy_reference(tidy) == tidy
