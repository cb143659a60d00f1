"""When something happened or is to happen, as programs say it."""

from datetime import date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from services.referral.domain.owed import london_day
from shared.runtime.clock import LONDON

FIRST_YEAR, LAST_YEAR = 1900, 2200


def _of_our_time(moment: datetime) -> datetime:
    """A moment at the edge of the calendar has no time in London."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]


def moment_of(day: date | None, now: datetime) -> datetime:
    """When something happened of which only the day was said: now if that is today, else midday of that day."""
    if day is None or day == london_day(now):
        return now
    return datetime.combine(day, time(12), LONDON)
