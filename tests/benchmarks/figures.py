"""What a bench says: ratios of sides that took turns, with their spread, beside what was to be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

Measures = Mapping[str, float]
"""What one run of one side gave: `rate`, `p50_ms`, `lost`…"""


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle, the least and the most of several runs."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of at least one value."""
        found = sorted(values)
        return cls(median(found), found[0], found[-1])

    def __str__(self) -> str:
        return f"{short(self.median)} ({short(self.least)}–{short(self.most)})"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `value` is judged by its median; `target` None is said and not judged."""

    part: str
    says: str
    value: Spread
    target: str | None
    reached: bool | None
    of: Spread | None = None
    to: Spread | None = None


class Runs(dict[str, list[Measures]]):
    """The runs of a part: by side, in the order in which they took turns."""

    def spread(self, place: str) -> Spread:
        """Of a measure, named `side.measure`."""
        return Spread.of(self._values(place))

    def ratio(
        self, part: str, says: str, *, of: str, to: str, at_least: float | None = None, at_most: float | None = None
    ) -> Figure:
        """One measure over another, turn by turn; both named `side.measure`."""
        value = Spread.of(a / b for a, b in zip(self._values(of), self._values(to), strict=True))
        return _judged(part, says, value, at_least, at_most, self.spread(of), self.spread(to))

    def plain(
        self, part: str, says: str, *, of: str, at_least: float | None = None, at_most: float | None = None
    ) -> Figure:
        """A measure by itself."""
        return _judged(part, says, self.spread(of), at_least, at_most)

    def never(self, part: str, says: str, *, of: str) -> Figure:
        """A count that must be nought in every turn."""
        value = self.spread(of)
        return Figure(part, says, value, "0", value.most == 0)

    def _values(self, place: str) -> list[float]:
        side, _, measure = place.rpartition(".")
        return [run[measure] for run in self[side]]


def _judged(
    part: str,
    says: str,
    value: Spread,
    at_least: float | None,
    at_most: float | None,
    of: Spread | None = None,
    to: Spread | None = None,
) -> Figure:
    if at_least is not None:
        return Figure(part, says, value, f"≥ {at_least:g}", value.median >= at_least, of, to)
    if at_most is not None:
        return Figure(part, says, value, f"≤ {at_most:g}", value.median <= at_most, of, to)
    return Figure(part, says, value, None, None, of, to)


def short(number: float) -> str:
    """Three figures, and thousands set apart."""
    if number == 0:
        return "0"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` of all are not above: 0.99 of 200 is the third largest."""
    found = sorted(values)
    return found[min(int(len(found) * share), len(found) - 1)]
