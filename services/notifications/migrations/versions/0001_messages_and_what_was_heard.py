"""Messages, and what has been heard of those they are about."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from shared.backbone.revisions import first

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_contact", sa.Uuid(), nullable=True),
        sa.Column("provider_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("activity_id"),
    )


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what_to_call", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("full_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address_lines", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("postcode", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("notify_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unsafe", sa.Boolean(), nullable=False),
        sa.Column("large_print", sa.Boolean(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.CheckConstraint("notify_by IN ('email', 'letter', 'none')", name="notify_by_known"),
        sa.PrimaryKeyConstraint("contact_id"),
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("audience", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("pcn", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("happened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("correlation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("waiting", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("waits_for", sa.Uuid(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("audience IN ('person', 'referrer', 'link-worker', 'provider')", name="audience_known"),
        sa.CheckConstraint(
            "occasion IN ('referral-created', 'referral-declined', 'referral-allocated', 'activity-prescribed', 'place-accepted', 'place-waitlisted', 'place-declined', 'person-action-needed', 'reply-overdue', 'attendance-recorded')",
            name="occasion_known",
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'to_print', 'sending', 'sent', 'posted', 'failed', 'withheld', 'unsure')",
            name="state_known",
        ),
        sa.CheckConstraint(
            "waiting IN ('', 'referral', 'request', 'listing', 'contact', 'retry')", name="waiting_known"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "audience", name="message_once"),
        sa.UniqueConstraint("reference"),
    )


def _ways_to_find_messages() -> None:
    op.create_index(op.f("ix_message_contact_id"), "message", ["contact_id"], unique=False)
    op.create_index(op.f("ix_message_pcn"), "message", ["pcn"], unique=False)
    op.create_index(op.f("ix_message_referral_id"), "message", ["referral_id"], unique=False)
    op.create_index(
        "message_due", "message", ["due", "recorded_at"], unique=False, postgresql_where=sa.text("state = 'queued'")
    )
    op.create_index(
        "message_first_attendance",
        "message",
        ["request_id", "audience"],
        unique=True,
        postgresql_where=sa.text("occasion = 'attendance-recorded'"),
    )
    op.create_index(
        "message_waits_for", "message", ["waits_for"], unique=False, postgresql_where=sa.text("waits_for IS NOT NULL")
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )


def _referral() -> None:
    op.create_table(
        "referral",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pcn", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("person_contact", sa.Uuid(), nullable=False),
        sa.Column("person_version", sa.Integer(), nullable=False),
        sa.Column("referrer_contact", sa.Uuid(), nullable=True),
        sa.Column("referrer_version", sa.Integer(), nullable=True),
        sa.Column("link_worker_contact", sa.Uuid(), nullable=True),
        sa.Column("link_worker_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("referral_id"),
    )


def _request() -> None:
    op.create_table(
        "request",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("need", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answer_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )


def upgrade() -> None:
    first.create()
    _activity()
    _contact()
    _message()
    _ways_to_find_messages()
    _organisation()
    _referral()
    _request()


def downgrade() -> None:
    first.drop()
    op.drop_table("request")
    op.drop_table("referral")
    op.drop_table("organisation")
    op.drop_index("message_waits_for", table_name="message", postgresql_where=sa.text("waits_for IS NOT NULL"))
    op.drop_index(
        "message_first_attendance", table_name="message", postgresql_where=sa.text("occasion = 'attendance-recorded'")
    )
    op.drop_index("message_due", table_name="message", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index(op.f("ix_message_referral_id"), table_name="message")
    op.drop_index(op.f("ix_message_pcn"), table_name="message")
    op.drop_index(op.f("ix_message_contact_id"), table_name="message")
    op.drop_table("message")
    op.drop_table("contact")
    op.drop_table("activity")
