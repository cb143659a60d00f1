"""Where the receipt for a note went, so that it is erased with the referral."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral_note", sa.Column("contact_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("referral_note", "contact_id")
