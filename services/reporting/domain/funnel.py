"""How far referrals get: counts by stage, of everyone and broken down, and where people are lost on the way."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.reporting.domain.measures import GROUPS, LOST, AnswerKind, Group, Stage
from services.reporting.domain.period import Period, label_of, start_of
from services.reporting.domain.suppression import Figure, column, figure

STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Counts:
    """Referrals by the stage they came to; `lost` at a stage are those who came to the one before and not to it.

    `silent` had a place asked for, none accepted, and no answer of any kind.
    """

    at: Mapping[Stage, int]
    lost: Mapping[Stage, int]
    silent: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """The counts of one network, reason group and day."""

    pcn: str | None
    group: Group
    made_on: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of the funnel as it may be shown."""

    stage: Stage
    count: Figure
    whole: Figure
    lost: Figure | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a breakdown: a figure for each stage, small ones hidden."""

    key: str
    label: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """A whole report."""

    period: Period
    bars: tuple[Bar, ...]
    asked_in_vain: Figure
    silent: Figure
    by_pcn: tuple[Row, ...]
    by_group: tuple[Row, ...]
    over_time: tuple[Row, ...]

    @property
    def total(self) -> Figure:
        """How many were referred."""
        return self.bars[0].count

    @property
    def finding(self) -> str:
        """What the figures say, in at most ten words."""
        referred, helped = self.total, self.bars[-1].count
        if referred.value == 0:
            return "Nobody was referred in this time"
        if referred.value is None or helped.value is None:
            return f"{helped.words.capitalize()} people were helped"
        return f"{round(100 * helped.value / referred.value)} in 100 were helped"


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of counts."""
    every = list(counts)
    at = {stage: sum(one.at[stage] for one in every) for stage in STAGES}
    lost = {stage: sum(one.lost[stage] for one in every) for stage in LOST}
    return Counts(at, lost, sum(one.silent for one in every))


def bars(counts: Counts, show: Callable[[int], Figure]) -> tuple[Bar, ...]:
    """The funnel's bars from one zero line."""
    whole = show(counts.at[Stage.REFERRED])
    lost = {stage: _lost(counts, stage, show) for stage in LOST}
    return tuple(Bar(stage, show(counts.at[stage]), whole, lost.get(stage)) for stage in STAGES)


def _lost(counts: Counts, stage: Stage, show: Callable[[int], Figure]) -> Figure:
    """Who came to the stage before and not to this one; hidden too where it would tell how few came to both."""
    before, lost = counts.at[STAGES[STAGES.index(stage) - 1]], counts.lost[stage]
    return show(lost) if show(before - lost).value is not None else Figure(None)


def breakdown(cells: Iterable[Cell], keys: Sequence[tuple[str, str]], key_of: Callable[[Cell], str]) -> tuple[Row, ...]:
    """A row for each (key, label), in that order; small numbers hidden stage by stage."""
    parts: dict[str, list[Counts]] = {key: [] for key, _ in keys}
    for cell in cells:
        parts[key_of(cell)].append(cell.counts)
    sums = {key: total(counts) for key, counts in parts.items()}
    columns = [column([sums[key].at[stage] for key, _ in keys]) for stage in STAGES]
    return tuple(Row(key, label, tuple(each[i] for each in columns)) for i, (key, label) in enumerate(keys))


def funnel(cells: Sequence[Cell], period: Period, names: Mapping[str, str], *, narrowed: bool = False) -> Funnel:
    """The report over cells of a period; `names` of networks by code.

    The whole is shown as it is; `narrowed` to a network or a reason it is a breakdown too, and hides small numbers.
    """
    show = figure if narrowed else Figure
    counts = total(cell.counts for cell in cells)
    codes = sorted({cell.pcn or "" for cell in cells}, key=lambda code: (code == "", names.get(code, code)))
    networks = [(code, names.get(code, code) if code else "No network yet") for code in codes]
    groups = [(group.value, GROUPS[group]) for group in Group if any(cell.group is group for cell in cells)]
    steps = [(start.isoformat(), label_of(start, period.grain)) for start in period.starts()]
    return Funnel(
        period,
        bars(counts, show),
        _lost(counts, Stage.ACCEPTED, show),
        show(counts.silent),
        breakdown(cells, networks, lambda cell: cell.pcn or ""),
        breakdown(cells, groups, lambda cell: cell.group.value),
        breakdown(cells, steps, lambda cell: start_of(cell.made_on, period.grain).isoformat()),
    )


def answers(counts: Mapping[AnswerKind, int]) -> list[tuple[AnswerKind, Figure]]:
    """What became of requests; their sum is shown, so a lone small number hides another."""
    kinds = list(AnswerKind)
    return list(zip(kinds, column([counts.get(kind, 0) for kind in kinds]), strict=True))
