"""Counting: cells of network, reason group and day, for the domain to add up."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import RowMapping
from sqlmodel import col, select

from services.reporting.domain.funnel import STAGES, Cell, Counts
from services.reporting.domain.measures import LOST, AnswerKind, Group
from services.reporting.domain.period import Grain, Period
from services.reporting.store.rows import OrganisationRow
from shared.runtime.store import Tx

_THE_COHORT = """
FROM referral WHERE made_on BETWEEN :first AND :last
  AND (CAST(:pcns AS text[]) IS NULL OR pcn = ANY(CAST(:pcns AS text[])))
  AND (CAST(:reason_group AS text) IS NULL OR reason_group = CAST(:reason_group AS text))
"""
_PAIRS = list(zip(STAGES[1:], STAGES, strict=False))
_REACHED = ", ".join(f"count({stage}) AS {stage}" for stage in STAGES[1:])
_LOST = ", ".join(
    f"count(*) FILTER (WHERE {stage} IS NULL{' AND ' + before + ' IS NOT NULL' if before != STAGES[0] else ''})"
    f" AS lost_{stage}"
    for stage, before in _PAIRS
)
_SILENT = "count(*) FILTER (WHERE prescribed IS NOT NULL AND accepted IS NULL AND answered IS NULL) AS silent"
_CELLS = f"""
SELECT pcn, reason_group, CAST(date_trunc(CAST(:grain AS text), made_on) AS date) AS step, count(*) AS referred,
       {_REACHED}, {_LOST}, {_SILENT}
{_THE_COHORT} GROUP BY 1, 2, 3
"""
_ANSWERS = f"""
WITH cohort AS (SELECT referral_id {_THE_COHORT})
SELECT CASE WHEN answer IS NOT NULL THEN answer WHEN withdrawn IS NOT NULL THEN 'withdrawn'
            WHEN overdue IS NOT NULL THEN 'overdue' ELSE 'waiting' END AS kind, count(*) AS requests
FROM request JOIN cohort USING (referral_id) WHERE asked IS NOT NULL AND NOT in_error GROUP BY 1
"""  # noqa: S608 - no text of anybody's


@dataclass(frozen=True, slots=True)
class Asked:
    """Which referrals are counted: `pcns` None is every network's and those in none, `group` None every group."""

    period: Period
    pcns: Collection[str] | None = None
    group: Group | None = None


def _values(asked: Asked) -> dict[str, object]:
    pcns = None if asked.pcns is None else sorted(asked.pcns)
    return {"first": asked.period.first, "last": asked.period.last, "pcns": pcns, "reason_group": asked.group}


def _cell(row: RowMapping) -> Cell:
    at = {stage: int(row[stage.value]) for stage in STAGES}
    lost = {stage: int(row[f"lost_{stage}"]) for stage in LOST}
    return Cell(row["pcn"], Group(row["reason_group"]), row["step"], Counts(at, lost, int(row["silent"])))


async def cells(tx: Tx, asked: Asked) -> list[Cell]:
    """The counts behind a funnel, by network, reason group and week or month."""
    grain = "week" if asked.period.grain is Grain.WEEK else "month"
    return [_cell(row) for row in await tx.rows(_CELLS, grain=grain, **_values(asked))]


async def answers(tx: Tx, asked: Asked) -> Mapping[AnswerKind, int]:
    """How many requests of these referrals stand at each answer."""
    return {AnswerKind(row["kind"]): int(row["requests"]) for row in await tx.rows(_ANSWERS, **_values(asked))}


async def network_names(tx: Tx) -> Mapping[str, str]:
    """The names of networks by code."""
    found = select(OrganisationRow).where(col(OrganisationRow.kind) == "pcn")
    return {row.code: row.name for row in (await tx.session.exec(found)).all()}
