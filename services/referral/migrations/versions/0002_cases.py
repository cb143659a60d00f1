"""What a link worker records of a case: contact, sessions, plan, well-being, how it closed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _case_message() -> None:
    op.create_table(
        "case_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_message_referral_id", "case_message", ["referral_id"], unique=False)


def _closing() -> None:
    op.create_table(
        "closing",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("referral_id"),
    )


def _contact_attempt() -> None:
    op.create_table(
        "contact_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('phone', 'video', 'text', 'email', 'letter', 'face-to-face', 'home-visit')", name="mode_known"
        ),
        sa.CheckConstraint("outcome IN ('reached', 'no-answer', 'left-message', 'wrong-number')", name="outcome_known"),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("referral_id", "number"),
    )


def _looked_at() -> None:
    op.create_table(
        "looked_at",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_looked_at_referral_id", "looked_at", ["referral_id"], unique=False)


def _outcome() -> None:
    op.create_table(
        "outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("satisfied", sa.Integer(), nullable=True),
        sa.Column("worthwhile", sa.Integer(), nullable=True),
        sa.Column("happy", sa.Integer(), nullable=True),
        sa.Column("anxious", sa.Integer(), nullable=True),
        sa.Column("skip_reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(satisfied, worthwhile, happy, anxious) = 4 AND skip_reason = '' OR num_nonnulls(satisfied, worthwhile, happy, anxious) = 0 AND skip_reason <> ''",
            name="outcome_whole_or_skipped",
        ),
        sa.CheckConstraint("stage IN ('baseline', 'follow-up')", name="stage_known"),
        sa.CheckConstraint("anxious BETWEEN 0 AND 10", name="outcome_anxious_range"),
        sa.CheckConstraint("happy BETWEEN 0 AND 10", name="outcome_happy_range"),
        sa.CheckConstraint("satisfied BETWEEN 0 AND 10", name="outcome_satisfied_range"),
        sa.CheckConstraint("worthwhile BETWEEN 0 AND 10", name="outcome_worthwhile_range"),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outcome_referral_id", "outcome", ["referral_id"], unique=False)
    op.create_index(
        "outcome_one_baseline",
        "outcome",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("stage = 'baseline' AND satisfied IS NOT NULL"),
    )


def _plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("what_matters", sa.String(), nullable=False),
        sa.Column("strengths", sa.String(), nullable=False),
        sa.Column("goals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("referral_id", "version"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint("(held IS NOT NULL) = (state = 'completed')", name="session_held_when_completed"),
        sa.CheckConstraint(
            "mode IN ('phone', 'video', 'text', 'email', 'letter', 'face-to-face', 'home-visit')", name="mode_known"
        ),
        sa.CheckConstraint("state IN ('booked', 'completed', 'missed', 'cancelled')", name="state_known"),
        sa.CheckConstraint("held BETWEEN 1 AND 12", name="session_limit"),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("referral_id", "held"),
        sa.UniqueConstraint("referral_id", "number"),
    )
    op.create_index(
        "session_booked_once", "session", ["referral_id"], unique=True, postgresql_where=sa.text("state = 'booked'")
    )


def upgrade() -> None:
    _case_message()
    _closing()
    _contact_attempt()
    _looked_at()
    _outcome()
    _plan()
    _session()
