"""Messages, and what has been heard of those they are about."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_contact", sa.Uuid(), nullable=True),
        sa.Column("provider_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("activity_id"),
    )
    op.create_table(
        "consumer_position",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("stream", "partition"),
        postgresql_with={"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
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
    op.create_table(
        "discarded_event",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column(
            "put_aside_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("discarded_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "discarded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "event_sequence",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "subject"),
    )
    op.create_index("idempotency_created_at", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("stream", "event_id"),
    )
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
    op.create_table(
        "organisation",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("seq"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_table(
        "outbox_sent",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("outbox_sent_at", "outbox_sent", ["sent_at"], unique=False)
    op.create_table(
        "parked_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column(
            "put_aside_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )
    op.create_index("parked_event_due", "parked_event", ["next_at"], unique=False)
    op.create_index("parked_event_key", "parked_event", ["stream", "key", "id"], unique=False)
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
    op.create_table(
        "request",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("need", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answer_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_table(
        "timer",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject"),
    )
    op.create_index("timer_fire_at", "timer", ["fire_at"], unique=False)


def downgrade() -> None:
    op.drop_index("timer_fire_at", table_name="timer")
    op.drop_table("timer")
    op.drop_table("request")
    op.drop_table("referral")
    op.drop_index("parked_event_key", table_name="parked_event")
    op.drop_index("parked_event_due", table_name="parked_event")
    op.drop_table("parked_event")
    op.drop_index("outbox_sent_at", table_name="outbox_sent")
    op.drop_table("outbox_sent")
    op.drop_table("outbox")
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
    op.drop_table("inbox")
    op.drop_index("idempotency_created_at", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("event_sequence")
    op.drop_table("discarded_event")
    op.drop_table("contact")
    op.drop_table("consumer_position")
    op.drop_table("activity")
