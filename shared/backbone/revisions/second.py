"""What sending again, hearing anew and counting per subject need. It is never edited: a later change is a new file."""

import sqlalchemy as sa
from alembic import op


def _republish() -> None:
    op.create_table(
        "republish",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("after_seq", sa.BigInteger(), nullable=False),
        sa.Column("upto_seq", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _heard_subject() -> None:
    op.create_table(
        "heard_subject",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("skipped_from", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("stream", "subject"),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000},
    )


def create() -> None:
    """Add the tables and columns. Of streams read before, subjects are counted from where reading stands now."""
    _republish()
    _heard_subject()
    op.create_index("inbox_seen_at", "inbox", ["seen_at"], unique=False, postgresql_using="brin")
    op.drop_index("outbox_sent_at", table_name="outbox_sent")
    op.create_index("outbox_sent_at", "outbox_sent", ["sent_at"], unique=False, postgresql_using="brin")
    first = sa.Column("first_offset", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("consumer_position", first)
    op.add_column("consumer_position", sa.Column("rebuild_to", sa.BigInteger(), nullable=True))
    replaced: sa.Column[bool] = sa.Column("replaced", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("consumer_position", replaced)
    op.execute("UPDATE consumer_position SET first_offset = next_offset")
    op.add_column("parked_event", sa.Column("subject", sa.Text(), nullable=True))
    op.add_column("parked_event", sa.Column("sequence", sa.BigInteger(), nullable=True))
    op.create_index(
        "parked_event_early",
        "parked_event",
        ["stream", "subject", "sequence"],
        unique=False,
        postgresql_where=sa.text("sequence IS NOT NULL"),
    )


def drop() -> None:
    """Take them away again."""
    op.drop_index("parked_event_early", table_name="parked_event")
    op.drop_column("parked_event", "sequence")
    op.drop_column("parked_event", "subject")
    op.drop_column("consumer_position", "replaced")
    op.drop_column("consumer_position", "rebuild_to")
    op.drop_column("consumer_position", "first_offset")
    op.drop_index("outbox_sent_at", table_name="outbox_sent")
    op.create_index("outbox_sent_at", "outbox_sent", ["sent_at"], unique=False)
    op.drop_index("inbox_seen_at", table_name="inbox")
    op.drop_table("heard_subject")
    op.drop_table("republish")
