"""Dates, amounts and numbers in the words and shapes that people read."""

from collections.abc import Sequence
from datetime import date, datetime

from shared.runtime.clock import LONDON

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def _local(value: date) -> date:
    return value.astimezone(LONDON) if isinstance(value, datetime) else value


def day(value: date) -> str:
    """Friday 20 November 2026."""
    local = _local(value)
    return f"{local:%A} {local.day} {local:%B} {local.year}"


def short_day(value: date) -> str:
    """20 November 2026."""
    local = _local(value)
    return f"{local.day} {local:%B} {local.year}"


def clock(value: datetime) -> str:
    """2:30pm, 2pm, midday, midnight."""
    local = value.astimezone(LONDON)
    if local.minute == 0 and local.hour in (0, 12):
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


def moment(value: datetime) -> str:
    """20 November 2026 at 2:30pm."""
    return f"{short_day(value)} at {clock(value)}"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def ago(value: date, now: datetime) -> str:
    """How long ago: "2 weeks ago", "yesterday", "just now"; whole London days from the first night on."""
    if isinstance(value, datetime):
        seconds = (now - value).total_seconds()
        if seconds < _HOUR:
            return _counted(int(seconds // _MINUTE), "minute") if seconds >= _MINUTE else "just now"
    days = (now.astimezone(LONDON).date() - _as_date(value)).days
    if days <= 0:
        return "today" if not isinstance(value, datetime) else _counted(int(seconds // _HOUR), "hour")
    return _days_ago(days)


def _as_date(value: date) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def _days_ago(days: int) -> str:
    if days == 1:
        return "yesterday"
    for size, unit in ((365, "year"), (61, "month"), (14, "week")):
        if days >= size:
            return _counted(days // {"year": 365, "month": 30, "week": 7}[unit], unit)
    return _counted(days, "day")


def nhs_number(value: str) -> str:
    """999 000 0018."""
    digits = "".join(value.split())
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def number(value: float) -> str:
    """1,204."""
    return f"{value:,}"


def percent(part: int, whole: int) -> str:
    """38%, or "–" when there is nothing to take a share of."""
    return f"{round(100 * part / whole)}%" if whole else "–"


def money(pence: int) -> str:
    """£2 or £2.50; free is "free"."""
    pounds, rest = divmod(pence, 100)
    return "free" if pence == 0 else f"£{pounds:,}" + (f".{rest:02}" if rest else "")


def listed(words: Sequence[str], joining: str = "and") -> str:
    """a, b and c."""
    return f" {joining} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def said(value: object) -> str:
    """Any cell as text: the components drop numbers and print None, so nothing but text reaches them."""
    return "" if value is None else str(value)
