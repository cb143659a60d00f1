"""The working days up to now: nothing in the demonstration happens on a Sunday, and nothing before its time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.runtime.clock import LONDON, add_working_days, is_working_day

MORNING, EVENING = 9 * 60, 17 * 60 + 30
SOON = timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class Days:
    """`past` are the working days before today, oldest first; a day is spoken of by its place among them."""

    now: datetime
    past: tuple[date, ...]

    @property
    def last(self) -> int:
        """The last working day before today."""
        return len(self.past) - 1

    def at(self, day: int, minute: int) -> datetime:
        """A minute of a past working day, as a London clock shows it; a day before the first counts as the first."""
        return _moment(self.past[max(0, min(day, self.last))], minute)

    def ahead(self, days: int, minute: int) -> datetime:
        """A minute to come: of the working day so many ahead, or of today with 0 while that minute is still to come."""
        today = self.now.astimezone(LONDON).date()
        if days == 0 and is_working_day(today) and _moment(today, minute) > self.now + SOON:
            return _moment(today, minute)
        return _moment(add_working_days(today, max(1, days)), minute)


def _moment(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), LONDON).astimezone(UTC)


def days_before(now: datetime, count: int = 130) -> Days:
    """The last `count` working days before today; 130 are half a year."""
    day, found = now.astimezone(LONDON).date(), list[date]()
    while len(found) < count:
        day -= timedelta(days=1)
        if is_working_day(day):
            found.append(day)
    return Days(now, tuple(reversed(found)))
