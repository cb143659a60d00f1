"""The time a report is about: whole London days, both ends included."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_IN_WEEKS = timedelta(days=120)


class NotAPeriod(ValueError):
    """The days asked for make no period. `field` is the one to mend, the message a sentence for people."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Grain(StrEnum):
    """The steps in which a period is drawn."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day."""

    first: date
    last: date

    @property
    def grain(self) -> Grain:
        """Weeks for up to about four months, months for more."""
        return Grain.WEEK if self.last - self.first <= LONGEST_IN_WEEKS else Grain.MONTH

    @property
    def words(self) -> str:
        """ "1 January to 20 November 2026"."""
        year = "" if self.first.year == self.last.year else f" {self.first.year}"
        return f"{self.first.day} {self.first:%B}{year} to {self.last.day} {self.last:%B} {self.last.year}"

    def starts(self) -> tuple[date, ...]:
        """The first day of every week (Monday) or month that the period touches."""
        step, starts = start_of(self.first, self.grain), []
        while step <= self.last:
            starts.append(step)
            step = start_of(step + timedelta(days=7 if self.grain is Grain.WEEK else 31), self.grain)
        return tuple(starts)


def start_of(day: date, grain: Grain) -> date:
    """The first day of the week or month that a day is in."""
    return day - timedelta(days=day.weekday()) if grain is Grain.WEEK else day.replace(day=1)


def label_of(start: date, grain: Grain) -> str:
    """ "January 2026" or, for a week, "5 January 2026"."""
    return f"{start:%B} {start.year}" if grain is Grain.MONTH else f"{start.day} {start:%B} {start.year}"


def mark_of(start: date, grain: Grain) -> str:
    """The same, short enough for the foot of a chart: "Jan 2026" or "5 Jan"."""
    return f"{start:%b} {start.year}" if grain is Grain.MONTH else f"{start.day} {start:%b}"


def last_twelve_months(today: date) -> Period:
    """The eleven months before this one, and this one so far."""
    months = today.year * 12 + today.month - 12
    return Period(date(months // 12, months % 12 + 1, 1), today)


def asked_period(first: str, last: str, today: date) -> Period:
    """The period that was asked for as ISO days ("" for the usual), or `NotAPeriod`."""
    usual = last_twelve_months(today)
    start = _day("from", first, "Start of the period") or usual.first
    end = _day("to", last, "End of the period") or max(today, start)
    if end < start:
        raise NotAPeriod("to", "End of the period must be the same as or after its start")
    return Period(start, end)


def _day(field: str, text: str, label: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise NotAPeriod(field, f"{label} must be a real date") from error
    if day and not 2000 <= day.year <= 2100:
        raise NotAPeriod(field, f"{label} must be between 2000 and 2100")
    return day
