"""Listings and their providers, postcodes, and requests for places, with the backbone's tables."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.backbone.revisions import first

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _directory_revision() -> None:
    op.create_table(
        "directory_revision",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="directory_revision_single"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO directory_revision (id, number) VALUES (1, 0)")


def _postcode() -> None:
    op.create_table(
        "postcode",
        sa.Column("postcode", sa.Text(collation="C"), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("easting", sa.Integer(), nullable=False),
        sa.Column("northing", sa.Integer(), nullable=False),
        sa.Column("district", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ward", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("postcode"),
    )


def _provider() -> None:
    op.create_table(
        "provider",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("contact_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contact_id"),
    )


def _provider_person() -> None:
    op.create_table(
        "provider_person",
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("providers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("needs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("places", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("meetings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cost_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cost_pence", sa.Integer(), nullable=True),
        sa.Column("cost_words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("eligibility_words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("how_to_join", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("accessibility", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("accessibility_words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("assured_on", sa.Date(), nullable=True),
        sa.Column("room_status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("room_places", sa.Integer(), nullable=True),
        sa.Column("room_stated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("cost_kind IN ('free', 'paid', 'not-stated')", name="cost_kind_known"),
        sa.CheckConstraint(
            "room_status IN ('capacity', 'waitlist', 'no-capacity', 'additional-assessment-required', 'unknown')",
            name="room_status_known",
        ),
        sa.CheckConstraint("status IN ('active', 'temporarily closed', 'inactive', 'defunct')", name="status_known"),
        sa.CheckConstraint("room_places > 0", name="room_places_positive"),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
        sa.UniqueConstraint("source_id"),
    )
    op.create_index(op.f("ix_activity_provider_id"), "activity", ["provider_id"], unique=False)
    op.create_index(op.f("ix_activity_revision"), "activity", ["revision"], unique=False)


def _place_request() -> None:
    op.create_table(
        "place_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("referral", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pcn", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("need", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("urgency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("meets_rules", sa.Boolean(), nullable=True),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answer_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("overdue_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("expected", sa.Date(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "need IN ('social-connection', 'wellbeing', 'money-and-essentials', 'housing', 'work-and-learning', 'family-and-caring', 'healthy-living', 'interests', 'access', 'withheld', 'other')",
            name="need_known",
        ),
        sa.CheckConstraint(
            "reason IN ('no_capacity', 'waitlist_closed', 'not_eligible_age', 'not_eligible_area', 'not_eligible_other', 'missing_information', 'lack_of_resources', 'service_ended', 'risk_too_high', 'duplicate', 'other')",
            name="reason_known",
        ),
        sa.CheckConstraint(
            "state IN ('sent', 'acknowledged', 'accepted', 'waitlisted', 'needs_person_action', 'started', 'declined_by_provider', 'declined_by_person', 'entered_in_error')",
            name="state_known",
        ),
        sa.CheckConstraint("urgency IN ('routine', 'urgent')", name="urgency_known"),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index(op.f("ix_place_request_activity_id"), "place_request", ["activity_id"], unique=False)
    op.create_index("place_request_desk", "place_request", ["provider_id", "state", "sent_at"], unique=False)


def _attendance() -> None:
    op.create_table(
        "attendance",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["place_request.id"],
        ),
        sa.PrimaryKeyConstraint("request_id", "held_on"),
    )


def upgrade() -> None:
    first.create()
    _directory_revision()
    _postcode()
    _provider()
    _provider_person()
    _activity()
    _place_request()
    _attendance()
    # ### end Alembic commands ###


def downgrade() -> None:
    first.drop()
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_table("attendance")
    op.drop_index("place_request_desk", table_name="place_request")
    op.drop_index(op.f("ix_place_request_activity_id"), table_name="place_request")
    op.drop_table("place_request")
    op.drop_index(op.f("ix_activity_revision"), table_name="activity")
    op.drop_index(op.f("ix_activity_provider_id"), table_name="activity")
    op.drop_table("activity")
    op.drop_table("provider_person")
    op.drop_table("provider")
    op.drop_table("postcode")
    op.drop_table("directory_revision")
    # ### end Alembic commands ###
