"""The funnel for programs. A count of null is hidden: it is 1 to 4, or would let such a one be worked out."""

from datetime import date

from pydantic import BaseModel

from services.reporting.actions.report import Report, read
from services.reporting.asking import READERS, Asked
from services.reporting.domain.funnel import STAGES, Row
from services.reporting.domain.measures import FUNNEL, REQUESTS, SILENCE, Measure
from shared.door.caller import Caller
from shared.door.guard import door
from shared.runtime.clock import LONDON

router = door("reporting")


class DefinitionOut(BaseModel):
    """What a figure counts, out of what."""

    id: str
    version: int
    label: str
    counts: str
    out_of: str


class StageOut(BaseModel):
    """Referrals that came to a stage, and those who came to the one before and not to it."""

    stage: str
    count: int | None
    lost: int | None


class RowOut(BaseModel):
    """One line of a breakdown."""

    key: str
    label: str
    counts: dict[str, int | None]


class AnswerOut(BaseModel):
    """Requests for a place by what became of them."""

    answer: str
    requests: int | None


class FunnelOut(BaseModel):
    """The funnel of a period, both days included."""

    first: date
    last: date
    finding: str
    stages: list[StageOut]
    asked_in_vain: int | None
    silent: int | None
    answers: list[AnswerOut]
    by_pcn: list[RowOut]
    by_group: list[RowOut]
    over_time: list[RowOut]
    definitions: list[DefinitionOut]


def _rows(rows: tuple[Row, ...]) -> list[RowOut]:
    return [
        RowOut(
            key=row.key,
            label=row.label,
            counts={stage.value: figure.value for stage, figure in zip(STAGES, row.figures, strict=True)},
        )
        for row in rows
    ]


def _definition(measure: Measure) -> DefinitionOut:
    return DefinitionOut(
        id=measure.id, version=measure.version, label=measure.label, counts=measure.counts, out_of=measure.out_of
    )


def _out(report: Report) -> FunnelOut:
    funnel = report.funnel
    return FunnelOut(
        first=funnel.period.first,
        last=funnel.period.last,
        finding=funnel.finding,
        stages=[
            StageOut(stage=bar.stage, count=bar.count.value, lost=bar.lost.value if bar.lost else None)
            for bar in funnel.bars
        ],
        asked_in_vain=funnel.asked_in_vain.value,
        silent=funnel.silent.value,
        answers=[AnswerOut(answer=kind, requests=figure.value) for kind, figure in report.answers],
        by_pcn=_rows(funnel.by_pcn),
        by_group=_rows(funnel.by_group),
        over_time=_rows(funnel.over_time),
        definitions=[_definition(measure) for measure in (*FUNNEL.values(), SILENCE, REQUESTS)],
    )


@router.get("/reporting/api/funnel", dependencies=[READERS])
async def funnel(caller: Caller, question: Asked) -> FunnelOut:
    """The funnel of the networks that the caller may see; filters as on the page."""
    async with caller.transaction() as tx:
        report = await read(tx, question, caller.now.astimezone(LONDON).date())
    return _out(report)
