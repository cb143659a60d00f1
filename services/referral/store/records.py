"""What is recorded on a case, to and from its rows: contact attempts, sessions, plans, well-being."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.referral.domain.contacts import ContactAttempt, ContactMode, ContactOutcome
from services.referral.domain.outcomes import Ons4, Ons4Item, Outcome, Stage
from services.referral.domain.plan import Goal, Plan, PlanAction
from services.referral.domain.sessions import Session, SessionState
from services.referral.store.case_rows import (
    ClosingRow,
    ContactAttemptRow,
    LookedAtRow,
    OutcomeRow,
    PlanRow,
    SessionRow,
)
from shared.runtime.ids import new_id
from shared.runtime.store import Tx


async def load_attempts(tx: Tx, referral_id: UUID) -> tuple[ContactAttempt, ...]:
    """Every attempt to reach the person, in the order they were recorded."""
    found = await tx.session.exec(
        select(ContactAttemptRow)
        .where(col(ContactAttemptRow.referral_id) == referral_id)
        .order_by(col(ContactAttemptRow.number))
    )
    return tuple(ContactAttempt(ContactMode(r.mode), ContactOutcome(r.outcome), r.at, r.note) for r in found)


def add_attempt(tx: Tx, referral_id: UUID, number: int, attempt: ContactAttempt) -> None:
    row = ContactAttemptRow(
        id=new_id(),
        referral_id=referral_id,
        number=number,
        mode=attempt.mode,
        outcome=attempt.outcome,
        at=attempt.at,
        note=attempt.note,
        by=tx.actor.subject,
    )
    tx.session.add(row)


def _to_session(row: SessionRow) -> Session:
    return Session(row.number, SessionState(row.state), row.at, ContactMode(row.mode), row.held, row.note)


async def load_sessions(tx: Tx, referral_id: UUID) -> tuple[Session, ...]:
    """Every session, booked or past, by number."""
    wanted = select(SessionRow).where(col(SessionRow.referral_id) == referral_id).order_by(col(SessionRow.number))
    return tuple(_to_session(row) for row in await tx.session.exec(wanted))


async def save_session(tx: Tx, referral_id: UUID, session: Session) -> UUID:
    """Write a session under its number, over the booking if there was one; answers its id."""
    wanted = select(SessionRow).where(
        col(SessionRow.referral_id) == referral_id, col(SessionRow.number) == session.number
    )
    row = (await tx.session.exec(wanted)).one_or_none()
    id_ = row.id if row else new_id()
    written = SessionRow(
        id=id_,
        referral_id=referral_id,
        number=session.number,
        state=session.state,
        at=session.at,
        mode=session.mode,
        held=session.held,
        note=session.note,
        by=tx.actor.subject,
    )
    if row is None:
        tx.session.add(written)
    else:
        await tx.session.merge(written)
    await tx.session.flush()
    return id_


def _goals_out(goals: tuple[Goal, ...]) -> list[dict[str, Any]]:
    return [
        {
            "words": goal.words,
            "actions": [
                {"what": each.what, "who": each.who, "by": each.by.isoformat() if each.by else None}
                for each in goal.actions
            ],
        }
        for goal in goals
    ]


def _goals_in(stored: list[dict[str, Any]]) -> tuple[Goal, ...]:
    return tuple(
        Goal(
            words=goal["words"],
            actions=tuple(
                PlanAction(each["what"], each["who"], date.fromisoformat(each["by"]) if each["by"] else None)
                for each in goal["actions"]
            ),
        )
        for goal in stored
    )


async def load_plan(tx: Tx, referral_id: UUID) -> Plan | None:
    """The plan as it was last agreed."""
    wanted = select(PlanRow).where(col(PlanRow.referral_id) == referral_id).order_by(col(PlanRow.version).desc())
    row = (await tx.session.exec(wanted.limit(1))).one_or_none()
    if row is None:
        return None
    return Plan(row.version, row.agreed_on, _goals_in(row.goals), row.what_matters, row.strengths)


def add_plan(tx: Tx, referral_id: UUID, plan: Plan, at: datetime) -> None:
    row = PlanRow(
        id=new_id(),
        referral_id=referral_id,
        version=plan.version,
        agreed_on=plan.agreed_on,
        what_matters=plan.what_matters,
        strengths=plan.strengths,
        goals=_goals_out(plan.goals),
        at=at,
        by=tx.actor.subject,
    )
    tx.session.add(row)


def _to_outcome(row: OutcomeRow) -> Outcome:
    given = (row.satisfied, row.worthwhile, row.happy, row.anxious)
    whole = [each for each in given if each is not None]
    answers = Ons4(*whole) if len(whole) == len(given) else None
    return Outcome(Stage(row.stage), row.measured_on, answers, row.skip_reason)


async def load_outcomes(tx: Tx, referral_id: UUID) -> tuple[Outcome, ...]:
    """Every asking of the well-being questions, first to last."""
    wanted = select(OutcomeRow).where(col(OutcomeRow.referral_id) == referral_id)
    wanted = wanted.order_by(col(OutcomeRow.measured_on), col(OutcomeRow.at))
    return tuple(_to_outcome(row) for row in await tx.session.exec(wanted))


def add_outcome(tx: Tx, referral_id: UUID, outcome: Outcome, at: datetime) -> None:
    answers = {str(item): outcome.answers.answer(item) for item in Ons4Item} if outcome.answers else {}
    row = OutcomeRow(
        id=new_id(),
        referral_id=referral_id,
        stage=outcome.stage,
        measured_on=outcome.on,
        skip_reason=outcome.skip_reason,
        at=at,
        by=tx.actor.subject,
        **answers,
    )
    tx.session.add(row)


_RAISED = """
SELECT 1 FROM referral_note WHERE id = :raised AND referral_id = :id
UNION ALL SELECT 1 FROM case_message WHERE id = :raised AND referral_id = :id
"""


async def was_raised(tx: Tx, referral_id: UUID, raised: UUID) -> bool:
    """Whether a note or a message of that id stands on this very case."""
    return bool(await tx.rows(_RAISED, raised=raised, id=referral_id))


async def look_at(tx: Tx, referral_id: UUID, raised: UUID, at: datetime) -> None:
    """Note that what others raised has been dealt with; saying so twice is harmless."""
    await tx.session.merge(LookedAtRow(id=raised, referral_id=referral_id, at=at, by=tx.actor.subject))


def add_closing(tx: Tx, referral_id: UUID, words: str, at: datetime) -> None:
    tx.session.add(ClosingRow(referral_id=referral_id, words=words.strip(), at=at, by=tx.actor.subject))
