"""The rows of a case: contact, sessions, plan, well-being, and what the link worker has looked at."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.outcomes import Stage
from services.referral.domain.sessions import SESSION_LIMIT, SessionState
from services.referral.store.base import Base
from services.referral.store.columns import one_of


class ContactAttemptRow(Base, table=True):
    """One attempt to reach the person; `number` counts from 1 within the case."""

    __tablename__ = "contact_attempt"
    __table_args__ = (
        one_of("mode", ContactMode),
        one_of("outcome", ContactOutcome),
        UniqueConstraint("referral_id", "number"),
    )

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id")
    number: int
    mode: str
    outcome: str
    at: datetime
    note: str = ""
    by: str


class SessionRow(Base, table=True):
    """One session, booked or past. The database too refuses a thirteenth that took place and a second booking."""

    __tablename__ = "session"
    __table_args__ = (
        one_of("mode", ContactMode),
        one_of("state", SessionState),
        UniqueConstraint("referral_id", "number"),
        UniqueConstraint("referral_id", "held"),
        CheckConstraint(f"held BETWEEN 1 AND {SESSION_LIMIT}", name="session_limit"),
        CheckConstraint("(held IS NOT NULL) = (state = 'completed')", name="session_held_when_completed"),
        Index("session_booked_once", "referral_id", unique=True, postgresql_where=text("state = 'booked'")),
    )

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id")
    number: int
    state: str
    at: datetime
    mode: str
    held: int | None = None
    note: str = ""
    by: str


class PlanRow(Base, table=True):
    """One version of the person's plan; earlier versions stay as they were agreed."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("referral_id", "version"),)

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id")
    version: int
    agreed_on: date
    what_matters: str = ""
    strengths: str = ""
    goals: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    at: datetime
    by: str


class OutcomeRow(Base, table=True):
    """One asking of the four ONS questions: all four answers, or the reason why there are none."""

    __tablename__ = "outcome"
    __table_args__ = (
        one_of("stage", Stage),
        CheckConstraint(
            "num_nonnulls(satisfied, worthwhile, happy, anxious) = 4 AND skip_reason = ''"
            " OR num_nonnulls(satisfied, worthwhile, happy, anxious) = 0 AND skip_reason <> ''",
            name="outcome_whole_or_skipped",
        ),
        CheckConstraint("satisfied BETWEEN 0 AND 10", name="outcome_satisfied_range"),
        CheckConstraint("worthwhile BETWEEN 0 AND 10", name="outcome_worthwhile_range"),
        CheckConstraint("happy BETWEEN 0 AND 10", name="outcome_happy_range"),
        CheckConstraint("anxious BETWEEN 0 AND 10", name="outcome_anxious_range"),
        Index(
            "outcome_one_baseline",
            "referral_id",
            unique=True,
            postgresql_where=text("stage = 'baseline' AND satisfied IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    stage: str
    measured_on: date
    satisfied: int | None = None
    worthwhile: int | None = None
    happy: int | None = None
    anxious: int | None = None
    skip_reason: str = ""
    at: datetime
    by: str


class LookedAtRow(Base, table=True):
    """Something others raised on the case (a note, a message that did not go) that the link worker has dealt with."""

    __tablename__ = "looked_at"

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    at: datetime
    by: str


class ClosingRow(Base, table=True):
    """How a case was closed, in the link worker's words, and by whom."""

    __tablename__ = "closing"

    referral_id: UUID = Field(primary_key=True, foreign_key="referral.id")
    words: str = ""
    at: datetime
    by: str
