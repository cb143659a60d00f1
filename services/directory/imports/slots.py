"""When an activity happens, from the schedules of Open Referral UK 1.x and 3.0."""

import re
from datetime import date, time

from services.directory.imports.fields import Node, day, nodes, text, whole
from services.directory.imports.listing import Slot
from services.directory.imports.plain_text import one_line

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BYDAY = re.compile(r"([+-]?\d)?\s{0,3}(MO|TU|WE|TH|FR|SA|SU)[A-Z]*", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?\s*(am|pm)?", re.IGNORECASE)
WHICH = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
NAMES = dict(zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))


def slots(service: Node) -> tuple[Slot, ...]:
    """Each day of each schedule, once; a schedule that names no day keeps its words and clock times."""
    found = [slot for schedule in _schedules(service) for slot in _slots(schedule)]
    return tuple(dict.fromkeys(slot for slot in found if slot != Slot()))


def _schedules(service: Node) -> list[Node]:
    at_places = nodes(service, "service_at_locations")
    held = [service, *at_places, *(location for at in at_places for location in nodes(at, "location"))]
    return [schedule for holder in held for schedule in nodes(holder, "schedules", "regular_schedules")]


def _slots(schedule: Node) -> list[Slot]:
    opens, closes = _clock(text(schedule, "opens_at")), _clock(text(schedule, "closes_at"))
    frequency = text(schedule, "freq").lower()
    frequency = frequency if frequency in ("weekly", "monthly") else ""
    words = one_line(text(schedule, "description", "notes"), 300)
    return [
        Slot(name, opens, closes, frequency or None, _joined(which, _interval(schedule, frequency), words))
        for name, which in _days(schedule)
    ]


def _days(schedule: Node) -> list[tuple[str | None, str]]:
    """The days with "second Tuesday of the month" and its like in words."""
    stated = schedule.get("byday")
    stated_text = ",".join(str(s) for s in stated) if isinstance(stated, list) else text(schedule, "byday", "weekday")
    found = [(name.upper(), WHICH.get((which or "").lstrip("+"), "")) for which, name in BYDAY.findall(stated_text)]
    if found:
        return [(name, f"{which} {NAMES[name]} of the month" if which else "") for name, which in found]
    starts = day(schedule, "dtstart")
    return [(_weekday(starts) if starts and text(schedule, "freq").upper() == "WEEKLY" else None, "")]


def _weekday(starts: date) -> str:
    return DAYS[starts.weekday()]


def _interval(schedule: Node, frequency: str) -> str:
    every = whole(schedule, "interval") or 1
    unit = {"weekly": "weeks", "monthly": "months"}.get(frequency)
    return f"every {every} {unit}" if unit and every > 1 else ""


def _joined(*parts: str) -> str:
    joined = "; ".join(part for part in parts if part)
    return joined[:1].upper() + joined[1:]


def _clock(stated: str) -> time | None:
    found = CLOCK.match(stated.split("T")[-1].strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    return time(hour, minute) if hour < 24 and minute < 60 else None
