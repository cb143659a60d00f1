"""When each referral came to each stage, what became of each request, and the names of organisations."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from shared.backbone.revisions import first

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    first.create()
    op.create_table(
        "organisation",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "referral",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=True),
        sa.Column("pcn", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("practice", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reason_group", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reached", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("session", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("prescribed", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("accepted", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("attended", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("referral_id"),
    )
    op.create_index(op.f("ix_referral_made_on"), "referral", ["made_on"], unique=False)
    op.create_table(
        "request",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("answer_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("overdue", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("accepted", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("attended", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("withdrawn", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("in_error", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index(op.f("ix_request_referral_id"), "request", ["referral_id"], unique=False)


def downgrade() -> None:
    first.drop()
    op.drop_index(op.f("ix_request_referral_id"), table_name="request")
    op.drop_table("request")
    op.drop_index(op.f("ix_referral_made_on"), table_name="referral")
    op.drop_table("referral")
    op.drop_table("organisation")
