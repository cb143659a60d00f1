"""Every rule that works out when something is due or takes place, around the nights on which London's clocks change.

The clocks go forward on 29 March 2026 and 28 March 2027, and back on 25 October 2026 and 31 October 2027.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.domain.meetings import Day, Meeting, next_meeting
from services.referral.actions.prescriptions import default_answer_by
from services.referral.api.moments import moment_of
from services.referral.domain.owed import CaseFacts, OwedKind, owed
from services.referral.pages.acting import london
from shared.door import words
from shared.runtime.clock import add_working_days, end_of_day

LONDON = ZoneInfo("Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "answer_by"),
    [
        ("2026-03-24T10:00", "2026-03-31T22:59:59"),  # over the spring change
        ("2026-03-27T23:30", "2026-04-07T22:59:59"),  # late on the Friday before it, and then Easter
        ("2026-03-29T00:59", "2026-04-07T22:59:59"),  # the last minute before the hour that is not there
        ("2026-03-29T01:00", "2026-04-07T22:59:59"),  # and the first after it
        ("2026-04-02T12:00", "2026-04-13T22:59:59"),  # Good Friday and Easter Monday
        ("2026-10-19T22:59", "2026-10-26T23:59:59"),  # a minute before midnight in London: Monday
        ("2026-10-19T23:00", "2026-10-27T23:59:59"),  # midnight in London: Tuesday, though not yet in UTC
        ("2026-10-25T00:30", "2026-10-30T23:59:59"),  # half past one, the first time
        ("2026-10-25T01:30", "2026-10-30T23:59:59"),  # half past one, the second time
        ("2027-03-25T09:00", "2027-04-05T22:59:59"),  # Good Friday, the change and Easter Monday in a row
        ("2027-10-29T09:00", "2027-11-05T23:59:59"),
        ("2026-12-24T15:00", "2027-01-05T23:59:59"),  # Christmas, Boxing Day kept on the Monday, New Year
        ("2027-12-24T15:00", "2028-01-05T23:59:59"),  # all three of them kept on a later day
        ("2028-02-22T09:00", "2028-02-29T23:59:59"),  # a leap day
        ("2028-02-29T09:00", "2028-03-07T23:59:59"),
    ],
)
def test_an_answer_is_owed_by_the_end_of_the_fifth_working_day_in_london(asked: str, answer_by: str) -> None:
    due = default_answer_by(utc(asked))
    assert due == utc(answer_by)
    assert due.astimezone(LONDON).time() == time(23, 59, 59)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1)))
def test_five_working_days_are_never_more_than_two_weeks_whenever_they_begin(asked: datetime) -> None:
    moment = asked.replace(tzinfo=UTC)
    due = default_answer_by(moment).astimezone(LONDON)
    assert due.time() == time(23, 59, 59)
    assert 5 <= (due.date() - moment.astimezone(LONDON).date()).days <= 14


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_ends_one_second_before_the_next_one_begins(day: date) -> None:
    after = (end_of_day(day) + timedelta(seconds=1)).astimezone(LONDON)
    assert (after.date(), after.time()) == (day + timedelta(days=1), time())


@pytest.mark.parametrize(
    ("at", "meets"),
    [
        ("2026-03-28T12:00", "2026-03-31T13:00"),  # the Saturday before the change: two o'clock is one in UTC
        ("2026-03-24T15:00", "2026-03-31T13:00"),  # this week's is over
        ("2026-10-20T14:00", "2026-10-27T14:00"),
        ("2026-10-27T13:59", "2026-10-27T14:00"),
        ("2028-02-23T12:00", "2028-02-29T14:00"),
    ],
)
def test_a_group_meets_at_the_same_time_of_day_all_year(at: str, meets: str) -> None:
    assert next_meeting([Meeting(Day.TUESDAY, time(14), time(16))], utc(at)) == utc(meets)


@pytest.mark.parametrize(
    ("day", "at", "in_utc", "shown"),
    [
        (date(2026, 3, 28), time(14, 30), "2026-03-28T14:30", "28 March 2026 at 2:30pm"),
        (date(2026, 3, 29), time(14, 30), "2026-03-29T13:30", "29 March 2026 at 2:30pm"),
        (date(2026, 10, 24), time(14, 30), "2026-10-24T13:30", "24 October 2026 at 2:30pm"),
        (date(2026, 10, 25), time(14, 30), "2026-10-25T14:30", "25 October 2026 at 2:30pm"),
        (date(2028, 2, 29), time(9), "2028-02-29T09:00", "29 February 2028 at 9am"),
        # There is no half past one that night: whoever books is shown the hour it became.
        (date(2026, 3, 29), time(1, 30), "2026-03-29T01:30", "29 March 2026 at 2:30am"),
        (date(2027, 3, 28), time(1, 30), "2027-03-28T01:30", "28 March 2027 at 2:30am"),
        # There are two of them that night: the first is meant.
        (date(2026, 10, 25), time(1, 30), "2026-10-25T00:30", "25 October 2026 at 1:30am"),
        (date(2027, 10, 31), time(1, 30), "2027-10-31T00:30", "31 October 2027 at 1:30am"),
    ],
)
def test_a_session_is_at_the_time_it_was_booked_for(day: date, at: time, in_utc: str, shown: str) -> None:
    booked = london(day, at)
    assert booked.astimezone(UTC) == utc(in_utc)
    assert words.moment(booked.astimezone(UTC)) == shown


@pytest.mark.parametrize(("day", "hour"), [("2026-03-28", 12), ("2026-03-29", 11), ("2026-10-25", 12)])
def test_something_of_which_only_the_day_is_known_was_at_midday(day: str, hour: int) -> None:
    midday = moment_of(date.fromisoformat(day), utc("2026-12-01T09:00"))
    assert midday.astimezone(UTC) == utc(f"{day}T{hour}:00")


@pytest.mark.parametrize(
    ("allocated", "due"),
    [
        ("2026-10-23T22:59", date(2026, 10, 27)),  # still Friday in London
        ("2026-10-23T23:00", date(2026, 10, 27)),  # Saturday
        ("2026-03-26T23:59", date(2026, 3, 30)),
        ("2027-03-25T12:00", date(2027, 3, 31)),  # Easter between them
        ("2028-02-28T12:00", date(2028, 3, 1)),
    ],
)
def test_a_person_is_to_be_reached_within_two_working_days(allocated: str, due: date) -> None:
    at = utc(allocated)
    case = CaseFacts(at, None, 0, None, None, None, at, None)
    (first,) = [each for each in owed(case, at, add_working_days) if each.kind is OwedKind.CONTACT]
    assert first.due == due


def test_an_age_in_words_counts_nights_and_not_hours() -> None:
    # 23 hours lie between these two noons, and 25 between those.
    assert words.ago(utc("2026-03-28T12:00"), utc("2026-03-29T11:00")) == "yesterday"
    assert words.ago(utc("2026-10-24T11:00"), utc("2026-10-25T12:00")) == "yesterday"
