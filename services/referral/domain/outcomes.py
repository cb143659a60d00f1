"""How the person feels about life, by the four ONS personal well-being questions, before and after. Never summed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    BASELINE = "baseline"
    FOLLOW_UP = "follow-up"


class Ons4Item(StrEnum):
    SATISFIED = "satisfied"
    WORTHWHILE = "worthwhile"
    HAPPY = "happy"
    ANXIOUS = "anxious"


class Band(StrEnum):
    VERY_LOW = "very low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"


class OutcomeError(Exception):
    """A measure that cannot be recorded."""


class ScoreOutOfRange(OutcomeError):
    def __init__(self) -> None:
        super().__init__("Each answer is a whole number from 0 to 10")


class BaselineAlreadyRecorded(OutcomeError):
    def __init__(self) -> None:
        super().__init__("The baseline has been recorded already. Record a follow-up instead")


class SkipNeedsReason(OutcomeError):
    def __init__(self) -> None:
        super().__init__("Say why the questions were not asked")


class MeasuredInFuture(OutcomeError):
    def __init__(self) -> None:
        super().__init__("The date the questions were asked must be today or earlier")


@dataclass(frozen=True, slots=True)
class Ons4:
    """Four answers, 0 (not at all) to 10 (completely)."""

    satisfied: int
    worthwhile: int
    happy: int
    anxious: int

    def __post_init__(self) -> None:
        if not all(0 <= self.answer(item) <= 10 for item in Ons4Item):
            raise ScoreOutOfRange

    def answer(self, item: Ons4Item) -> int:
        return {
            Ons4Item.SATISFIED: self.satisfied,
            Ons4Item.WORTHWHILE: self.worthwhile,
            Ons4Item.HAPPY: self.happy,
            Ons4Item.ANXIOUS: self.anxious,
        }[item]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One asking of the questions: the answers, or why there are none."""

    stage: Stage
    on: date
    answers: Ons4 | None
    skip_reason: str = ""


def band(item: Ons4Item, value: int) -> Band:
    """The published band of one person's answer (ONS; not for means). Anxiety runs the other way and 6 is high."""
    if item is Ons4Item.ANXIOUS:
        steps = ((1, Band.VERY_LOW), (3, Band.LOW), (5, Band.MEDIUM), (10, Band.HIGH))
    else:
        steps = ((4, Band.LOW), (6, Band.MEDIUM), (8, Band.HIGH), (10, Band.VERY_HIGH))
    if not 0 <= value <= 10:
        raise ScoreOutOfRange
    return next(name for top, name in steps if value <= top)


def record_outcome(
    earlier: Sequence[Outcome], stage: Stage, on: date, answers: Ons4 | None, skip_reason: str, today: date
) -> Outcome:
    """One asking as it may be recorded. A skipped baseline may still be asked later. Raises OutcomeError."""
    if on > today:
        raise MeasuredInFuture
    if answers is None and not skip_reason.strip():
        raise SkipNeedsReason
    if stage is Stage.BASELINE and any(each.stage is stage and each.answers for each in earlier):
        raise BaselineAlreadyRecorded
    return Outcome(stage, on, answers, "" if answers else skip_reason.strip())
