"""The person's plan: what matters, strengths, goals in their own words, who does what by when; agreed on a date."""

from dataclasses import dataclass
from datetime import date

GOALS_LIMIT = 10


class PlanError(Exception):
    """A plan that cannot be agreed."""


class NoGoal(PlanError):
    def __init__(self) -> None:
        super().__init__("Write at least one goal in the person's own words")


class TooManyGoals(PlanError):
    def __init__(self) -> None:
        super().__init__(f"A plan holds at most {GOALS_LIMIT} goals")


class ActionWithoutGoal(PlanError):
    def __init__(self) -> None:
        super().__init__("Write the goal that these actions belong to")


class ActionWithoutWords(PlanError):
    def __init__(self) -> None:
        super().__init__("Say what will be done, or clear the rest of the action")


class AgreedInFuture(PlanError):
    def __init__(self) -> None:
        super().__init__("The date the person agreed must be today or earlier")


class NotAgreed(PlanError):
    def __init__(self) -> None:
        super().__init__("Say on which date the person agreed this plan")


@dataclass(frozen=True, slots=True)
class PlanAction:
    what: str
    who: str = ""
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in the person's own words, and what is done towards it."""

    words: str
    actions: tuple[PlanAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    version: int
    agreed_on: date
    goals: tuple[Goal, ...]
    what_matters: str = ""
    strengths: str = ""


def _tidy_action(action: PlanAction) -> PlanAction | None:
    tidy = PlanAction(what=action.what.strip(), who=action.who.strip(), by=action.by)
    if not tidy.what and (tidy.who or tidy.by):
        raise ActionWithoutWords
    return tidy if tidy.what else None


def _tidy_goal(goal: Goal) -> Goal | None:
    actions = tuple(kept for each in goal.actions if (kept := _tidy_action(each)))
    if actions and not goal.words.strip():
        raise ActionWithoutGoal
    return Goal(words=goal.words.strip(), actions=actions) if goal.words.strip() else None


def agree(
    current: Plan | None,
    *,
    goals: tuple[Goal, ...],
    what_matters: str,
    strengths: str,
    agreed_on: date | None,
    today: date,
) -> Plan:
    """The next version of the plan, as the person agreed it; empty rows of the form fall away. Raises PlanError."""
    kept = tuple(goal for each in goals if (goal := _tidy_goal(each)))
    if not kept:
        raise NoGoal
    if len(kept) > GOALS_LIMIT:
        raise TooManyGoals
    if agreed_on is None:
        raise NotAgreed
    if agreed_on > today:
        raise AgreedInFuture
    version = current.version + 1 if current else 1
    return Plan(version, agreed_on, kept, what_matters.strip(), strengths.strip())
