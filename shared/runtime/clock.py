"""What time it is, and England's working days."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=16)
def _bank_holidays(year: int) -> Container[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday, not a bank holiday in England."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def add_working_days(start: date, days: int) -> date:
    """The working day that comes `days` working days after `start` (which itself does not count)."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def end_of_day(day: date) -> datetime:
    """The last second of a London day, in UTC: what "by Friday" means."""
    return datetime.combine(day, time(23, 59, 59), LONDON).astimezone(UTC)
