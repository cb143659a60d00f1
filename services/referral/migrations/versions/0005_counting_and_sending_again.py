"""What is heard is counted per subject, and what was sent can be sent again."""

from shared.backbone.revisions import second

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    second.create()


def downgrade() -> None:
    second.drop()
