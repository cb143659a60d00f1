"""Small numbers are not shown, since they can point at a person (NHS England shows them as `*`)."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that may be shown, or None when it may not. Zero points at nobody and is always shown."""

    value: int | None

    @property
    def text(self) -> str:
        """How it stands in a table: "1,204" or "*"."""
        return "*" if self.value is None else f"{self.value:,}"

    @property
    def words(self) -> str:
        """How it stands in a sentence: "61" or "fewer than 5"."""
        return f"fewer than {LEAST_SHOWN}" if self.value is None else f"{self.value:,}"

    def share(self, whole: "Figure") -> float | None:
        """Its share of a whole, 0 to 1; None when either is not shown or there is no whole."""
        return self.value / whole.value if self.value is not None and whole.value else None

    def percent(self, whole: "Figure") -> str:
        """ "38%", "*" when it may not be shown, "–" when there is nothing to take a share of."""
        if self.value is None or whole.value is None:
            return "*"
        return f"{round(100 * self.value / whole.value)}%" if whole.value else "–"


def figure(value: int) -> Figure:
    """A number on its own."""
    return Figure(None if 0 < value < LEAST_SHOWN else value)


def column(values: Sequence[int]) -> list[Figure]:
    """Numbers whose sum is shown: one alone that is hidden could be worked out, so the next smallest hides with it."""
    figures = [figure(value) for value in values]
    hidden = [index for index, each in enumerate(figures) if each.value is None]
    shown = [(value, index) for index, value in enumerate(values) if value >= LEAST_SHOWN]
    if len(hidden) == 1 and shown:
        figures[min(shown)[1]] = Figure(None)
    return figures
