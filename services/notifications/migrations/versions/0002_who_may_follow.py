"""Whether the referrer of a referral may learn how it goes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral", sa.Column("referrer_follows", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.alter_column("referral", "referrer_follows", server_default=None)


def downgrade() -> None:
    op.drop_column("referral", "referrer_follows")
