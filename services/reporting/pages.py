"""The funnel on a page: bars, breakdowns, a line over time, and the same figures as a file."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.reporting.actions.report import Question, Report, read
from services.reporting.asking import READERS, Asked
from services.reporting.domain.funnel import STAGES, Bar, Row
from services.reporting.domain.measures import ANSWERS, FUNNEL, GROUPS, LOST, REQUESTS, SILENCE, Group, Stage
from services.reporting.domain.period import NotAPeriod, Period, mark_of
from services.reporting.domain.suppression import LEAST_SHOWN, Figure
from shared.door.caller import Caller
from shared.door.charts import LineChart, Series, line_chart
from shared.door.guard import door
from shared.runtime.clock import LONDON

router = door("reporting")
PATH = "/reporting/funnel"
# Where a hidden number is drawn; the page says so.
HIDDEN_AT = 2.0
DRAWN = (Stage.REFERRED, Stage.ATTENDED)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _address(question: Question, **changed: str) -> str:
    said = {"from": question.first, "to": question.last, "pcn": question.pcn, "group": question.group} | changed
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{PATH}?{query}" if query else PATH


def _chosen(question: Question, report: Report) -> list[dict[str, str]]:
    """The filters that can be taken away again."""
    chosen = [
        ("pcn", report.networks.get(report.pcn, report.pcn)),
        ("group", GROUPS[report.group] if report.group else ""),
    ]
    return [{"text": text, "href": _address(question, **{name: ""})} for name, text in chosen if text]


def _bar(bar: Bar) -> dict[str, object]:
    lost = f"{bar.lost.text} {LOST[bar.stage]}" if bar.lost else "–"
    notes = [bar.count.percent(bar.whole), lost]
    return {
        "label": FUNNEL[bar.stage].label,
        "value": bar.count.text,
        "share": bar.count.share(bar.whole),
        "notes": notes,
    }


def _drawn(figure: Figure) -> float:
    return HIDDEN_AT if figure.value is None else float(figure.value)


def _line(rows: Sequence[Row], period: Period) -> LineChart:
    """How many were referred and helped, by the week or month of their referral."""
    series = [Series(FUNNEL[stage].label, [_drawn(_at(row, stage)) for row in rows]) for stage in DRAWN]
    title = f"Referrals and attendance by {period.grain}"
    said = f"Two lines by {period.grain} of referral. The table below holds every figure."
    marks = [mark_of(start, period.grain) for start in period.starts()]
    return line_chart("over-time", title, said, marks, series)


def _at(row: Row, stage: Stage) -> Figure:
    return row.figures[STAGES.index(stage)]


def _steps(rows: Sequence[Row]) -> list[dict[str, object]]:
    """The rows over time with few enough columns to stay a table on a phone."""
    shown = [(row.label, _at(row, Stage.REFERRED), _at(row, Stage.ATTENDED)) for row in rows]
    return [
        {"label": label, "cells": [referred.text, attended.text, attended.percent(referred)]}
        for label, referred, attended in shown
    ]


def _answers(report: Report) -> list[dict[str, object]]:
    whole = Figure(sum(figure.value or 0 for _, figure in report.answers))
    hidden = any(figure.value is None for _, figure in report.answers)
    share = {kind: None if hidden else figure.share(whole) for kind, figure in report.answers}
    return [
        {"label": ANSWERS[kind], "value": figure.text, "share": share[kind], "notes": []}
        for kind, figure in report.answers
    ]


@router.get(PATH, dependencies=[READERS], response_class=HTMLResponse)
async def funnel_page(caller: Caller, question: Asked) -> Response:
    """The funnel of the networks that the caller may see."""
    errors, today = {}, caller.now.astimezone(LONDON).date()
    async with caller.transaction() as tx:
        try:
            report = await read(tx, question, today)
        except NotAPeriod as error:
            errors = {error.field: str(error)}
            report = await read(tx, Question(pcn=question.pcn, group=question.group), today)
    return _drawn_page(caller, question, report, errors)


def _drawn_page(caller: Caller, question: Question, report: Report, errors: dict[str, str]) -> Response:
    funnel, period = report.funnel, report.funnel.period
    place = report.networks.get(report.pcn, report.pcn) if report.pcn else "all networks you can see"
    return caller.page(
        "reporting/funnel.html",
        errors=errors,
        funnel=funnel,
        bars=[_bar(bar) for bar in funnel.bars],
        chart=_line(funnel.over_time, period),
        steps=_steps(funnel.over_time),
        step_heads=[*(FUNNEL[stage].label for stage in DRAWN), "Share"],
        answers=_answers(report),
        breakdowns=(("By network", "Network", funnel.by_pcn), ("By reason", "Reason", funnel.by_group)),
        heads=[FUNNEL[stage].label for stage in STAGES],
        measures=[*FUNNEL.values(), SILENCE, REQUESTS],
        networks=report.networks,
        groups=[(group.value, GROUPS[group]) for group in Group],
        asked=question,
        chosen=_chosen(question, report),
        place=place,
        file=_address(question).replace(PATH, f"{PATH}.csv", 1),
        least=LEAST_SHOWN,
    )


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def as_csv(report: Report) -> str:
    """Every figure of the page, small ones hidden as there."""
    funnel, out = report.funnel, io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["breakdown", "key", "label", *STAGES])
    writer.writerow(["total", "", funnel.period.words, *(bar.count.text for bar in funnel.bars)])
    parts = (("network", funnel.by_pcn), ("reason", funnel.by_group), (str(funnel.period.grain), funnel.over_time))
    for name, rows in parts:
        for row in rows:
            writer.writerow([name, _safe(row.key), _safe(row.label), *(figure.text for figure in row.figures)])
    return out.getvalue()


@router.get(f"{PATH}.csv", dependencies=[READERS])
async def funnel_file(caller: Caller, question: Asked) -> Response:
    """The same figures for a spreadsheet."""
    today: date = caller.now.astimezone(LONDON).date()
    async with caller.transaction() as tx:
        report = await read(tx, question, today)
    headers = {"content-disposition": f'attachment; filename="funnel-{today.isoformat()}.csv"'}
    return Response(as_csv(report), media_type="text/csv", headers=headers)
