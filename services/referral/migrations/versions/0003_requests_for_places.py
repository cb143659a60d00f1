"""Requests for places, and what is heard of the activities they ask for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("provider_name", sa.String(), nullable=False),
        sa.Column("needs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("days", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("when_text", sa.String(), nullable=False),
        sa.Column("where_text", sa.String(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("eligibility", sa.String(), nullable=False),
        sa.Column("cost_pence", sa.Integer(), nullable=True),
        sa.Column("accessibility", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("room_stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_activity_reference", "activity", ["reference"], unique=False)


def _prescription() -> None:
    op.create_table(
        "prescription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("activity_name", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("provider_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_agreed", sa.Boolean(), nullable=False),
        sa.Column("meets_rules", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("news", sa.String(), nullable=True),
        sa.Column("news_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("expected", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("meets_rules IN ('yes', 'no', 'unknown')", name="meets_rules_known"),
        sa.CheckConstraint(
            "state IN ('sent', 'acknowledged', 'unanswered', 'accepted', 'waitlisted', 'needs_person_action', 'started', 'completed', 'not_helped', 'could_not_contact', 'declined_by_provider', 'declined_by_person', 'redirected', 'entered_in_error')",
            name="state_known",
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("ix_prescription_referral_id", "prescription", ["referral_id"], unique=False)
    op.create_index(
        "prescription_one_open_per_activity",
        "prescription",
        ["referral_id", "activity_id"],
        unique=True,
        postgresql_where=sa.text(
            "state NOT IN ('completed', 'could_not_contact', 'declined_by_person', 'declined_by_provider', 'entered_in_error', 'not_helped', 'redirected')"
        ),
    )


def _prescription_news() -> None:
    op.create_table(
        "prescription_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("news", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("expected", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prescription_id"],
            ["prescription.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_prescription_news_prescription_id", "prescription_news", ["prescription_id"], unique=False)


def _signpost() -> None:
    op.create_table(
        "signpost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("activity_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_signpost_referral_id", "signpost", ["referral_id"], unique=False)


def _unmet_need() -> None:
    op.create_table(
        "unmet_need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("reason_group", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('no_suitable_service', 'no_capacity', 'not_eligible', 'person_could_not_get_there')",
            name="cause_known",
        ),
        sa.CheckConstraint(
            "reason_group IN ('social-connection', 'wellbeing', 'money-and-essentials', 'housing', 'work-and-learning', 'family-and-caring', 'healthy-living', 'interests', 'access', 'withheld', 'other')",
            name="reason_group_known",
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_unmet_need_referral_id", "unmet_need", ["referral_id"], unique=False)


def upgrade() -> None:
    _activity()
    _prescription()
    _prescription_news()
    _signpost()
    _unmet_need()
