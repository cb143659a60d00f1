"""When a group meets, and when it meets next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Day(StrEnum):
    """Days as iCalendar and Open Referral write them, Monday first."""

    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"

    @property
    def words(self) -> str:
        return self.name.capitalize()


DAYS = tuple(Day)


class Frequency(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One repeating meeting, in London's time. No `day`: only `words` say when. Monthly: feeds say no week."""

    day: Day | None = None
    opens: time | None = None
    closes: time | None = None
    frequency: Frequency = Frequency.WEEKLY
    words: str = ""


def next_meeting(meetings: Iterable[Meeting], now: datetime) -> datetime | None:
    """The next weekly start in London's time, at midnight where the hour is not known; None when nothing says when."""
    here = now.astimezone(LONDON)
    starts = [_next_of(meeting.day, meeting.opens, here) for meeting in meetings if _is_weekly(meeting) and meeting.day]
    return min(starts, default=None)


def _is_weekly(meeting: Meeting) -> bool:
    return meeting.frequency is Frequency.WEEKLY


def _next_of(day: Day, opens: time | None, here: datetime) -> datetime:
    ahead = (DAYS.index(day) - here.weekday()) % len(DAYS)
    start = datetime.combine(here.date() + timedelta(days=ahead), opens or time(), LONDON)
    passed = start < here and not (opens is None and ahead == 0)
    return start + timedelta(days=len(DAYS)) if passed else start


def in_words(meeting: Meeting) -> str:
    """ "Tuesdays, 2pm to 4:30pm"; "Once a month on a Tuesday"."""
    parts = (_day_in_words(meeting), hours_in_words(meeting.opens, meeting.closes), meeting.words)
    return ", ".join(part for part in parts if part)


def _day_in_words(meeting: Meeting) -> str:
    if meeting.frequency is Frequency.MONTHLY:
        return f"Once a month on a {meeting.day.words}" if meeting.day else "Once a month"
    return f"{meeting.day.words}s" if meeting.day else ""


def hours_in_words(opens: time | None, closes: time | None) -> str:
    """ "2pm to 4:30pm"; "from 2pm"; "until 4pm"."""
    if opens is None:
        return f"until {hour_in_words(closes)}" if closes else ""
    return f"{hour_in_words(opens)} to {hour_in_words(closes)}" if closes else f"from {hour_in_words(opens)}"


def hour_in_words(at: time) -> str:
    """ "2pm", "2:30pm", "midday"."""
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "midnight" if at.hour == 0 else "midday"
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{(at.hour - 1) % 12 + 1}{minutes}{'am' if at.hour < 12 else 'pm'}"
