"""Works out where the lines of a chart go, so that the template only draws them."""

from collections.abc import Sequence
from dataclasses import dataclass

# Told apart by lightness as well as hue, and by their dashes where colour is not seen.
_STYLES = (("#12436D", ""), ("#28A197", "6 3"), ("#801650", "2 3"), ("#F46A25", "10 4"))
# Narrow, so that its letters are not drawn smaller than 14 px on a phone.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 312, 240, 44, 304, 24, 208
_STEPS = (1, 2, 2.5, 5)
_RULES = 4


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its label and a value for each mark of the time axis."""

    label: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is drawn."""

    points: str
    colour: str
    dashes: str
    label: str
    label_y: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A grid line with its number."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word on the time axis."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Everything the macro `line_chart` draws; sizes in CSS pixels."""

    id: str
    title: str
    description: str
    rules: Sequence[Rule]
    marks: Sequence[Mark]
    lines: Sequence[Line]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT


def line_chart(id: str, title: str, description: str, marks: Sequence[str], series: Sequence[Series]) -> LineChart:  # noqa: A002
    """At most four series over the same marks. Title: the finding in at most ten words."""
    if len(series) > len(_STYLES):
        raise ValueError("a line chart holds at most four series")
    top = _round_top(max((value for each in series for value in each.values), default=0))
    rules = [Rule(_y(top * part / _RULES, top), f"{top * part / _RULES:g}") for part in range(_RULES + 1)]
    lines = [_line(each, top, *style) for each, style in zip(series, _STYLES, strict=False)]
    return LineChart(id, title, description, rules, _marks(marks), _apart(lines))


def _round_top(highest: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten times four, so that the grid's numbers are round."""
    power = 1.0
    while True:
        for step in _STEPS:
            # Whole numbers on the grid: what is counted is mostly people.
            if step * power * _RULES >= highest and (step * power).is_integer():
                return step * power * _RULES
        power *= 10


def _y(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _x(index: int, count: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * index / max(count - 1, 1), 1)


def _line(series: Series, top: float, colour: str, dashes: str) -> Line:
    count = len(series.values)
    points = " ".join(f"{_x(i, count)},{_y(value, top)}" for i, value in enumerate(series.values))
    last = _y(series.values[-1], top) if series.values else BOTTOM
    return Line(points, colour, dashes, series.label, round(last - 8, 1))


def _apart(lines: Sequence[Line]) -> list[Line]:
    """Labels at least a line of text apart."""
    placed: list[Line] = []
    for line in sorted(lines, key=lambda each: each.label_y):
        lowest = placed[-1].label_y + 16 if placed else 14.0
        placed.append(Line(line.points, line.colour, line.dashes, line.label, max(line.label_y, lowest)))
    return placed


def _marks(words: Sequence[str]) -> list[Mark]:
    """The first, the middle and the last word: more do not fit on a phone."""
    last = len(words) - 1
    shown = sorted({0, last // 2, last}) if words else []
    anchors = {0: "start", last: "end"}
    return [Mark(_x(i, len(words)), words[i], anchors.get(i, "middle")) for i in shown]
