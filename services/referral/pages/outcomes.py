"""How the person feels about life: what was answered, in bands, and the form that asks again."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Response

from services.referral.actions.outcomes import record_outcome
from services.referral.domain.outcomes import (
    MeasuredInFuture,
    Ons4,
    Ons4Item,
    Outcome,
    OutcomeError,
    SkipNeedsReason,
    Stage,
    band,
)
from services.referral.domain.owed import london_day
from services.referral.domain.referral import CARRIED
from services.referral.pages.acting import WORKERS, Onward, act_once
from services.referral.pages.heading import heading_of
from services.referral.pages.tasks import case_path
from services.referral.pages.wording import ITEMS, QUESTIONS, STAGES, choices
from services.referral.store.caseload import load_line
from services.referral.store.records import load_outcomes
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form, Typed
from shared.door.guard import door
from shared.runtime.store import Tx

router = door("referral")
_SCALE = [str(value) for value in range(11)]


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its answer and band at each asking, as text; nothing where it was not asked."""

    item: str
    answers: tuple[str, ...]


def _rows(asked: list[Outcome]) -> list[Row]:
    return [
        Row(ITEMS[item], tuple(_answer(each.answers, item) if each.answers else "Not asked" for each in asked))
        for item in Ons4Item
    ]


def _answer(answers: Ons4, item: Ons4Item) -> str:
    value = answers.answer(item)
    return f"{value}, {band(item, value)}"


async def _show(
    caller: CallerAtDoor, reference: str, errors: Mapping[str, str] | None = None, typed: Typed | None = None
) -> Response:
    async with caller.transaction() as tx:
        line = await load_line(tx, reference)
        asked = await load_outcomes(tx, line.referral.id)
    baseline = any(each.stage is Stage.BASELINE and each.answers for each in asked)
    return caller.page(
        "referral/case/outcomes.html",
        errors=errors,
        typed=typed,
        heading=heading_of(line.referral, line.person, london_day(caller.now)),
        sessions_held=line.sessions_held,
        asked=asked,
        rows=_rows(list(asked)),
        stage_words=STAGES,
        stages=choices(STAGES, [Stage.FOLLOW_UP] if baseline else list(Stage)),
        due=Stage.FOLLOW_UP if baseline else Stage.BASELINE,
        questions=[(str(item), words) for item, words in QUESTIONS.items()],
        scale=[{"value": value, "text": value} for value in _SCALE],
        today=london_day(caller.now),
        carried=line.referral.status in CARRIED,
    )


@router.get("/referral/cases/{reference}/outcomes", dependencies=[WORKERS])
async def outcomes(reference: str, caller: Caller) -> Response:
    """What was answered so far, and the four questions."""
    return await _show(caller, reference)


def _answers_in(form: Form, errors: dict[str, str]) -> Ons4 | None:
    """All four answers, or None when the questions were skipped; some of the four is a mistake."""
    given = {str(item): form.text(item) for item in Ons4Item}
    if form.text("asked") == "no":
        return None
    for name, value in given.items():
        if value not in _SCALE:
            errors[name] = f"{ITEMS[name]}: choose a number from 0 to 10"
    return None if errors else Ons4(**{name: int(value) for name, value in given.items()})


@router.post("/referral/cases/{reference}/outcomes", dependencies=[WORKERS])
async def save_outcome(reference: str, caller: Caller) -> Response:
    """Record the answers, or why there are none."""
    form = await caller.form()
    errors: dict[str, str] = {}
    answers, on = _answers_in(form, errors), form.date("asked_on")
    if form.text("stage") not in STAGES:
        errors["stage"] = "Choose whether this is the baseline or a follow-up"
    if on is None:
        errors["asked_on"] = "Enter the day the questions were asked"
    if errors or on is None:
        return await _show(caller, reference, errors, form.typed)

    async def act(tx: Tx) -> Onward:
        stage, reason = Stage(form.text("stage")), form.text("skip_reason")
        await record_outcome(tx, reference, stage=stage, on=on, answers=answers, skip_reason=reason, now=caller.now)
        return Onward(case_path(reference), "Well-being recorded. The answers stay on this case.")

    try:
        return await act_once(caller, form, act)
    except (SkipNeedsReason, MeasuredInFuture) as error:
        field = "skip_reason" if isinstance(error, SkipNeedsReason) else "asked_on"
        return await _show(caller, reference, {field: str(error)}, form.typed)
    except OutcomeError as error:
        return await _show(caller, reference, {"stage": str(error)}, form.typed)
