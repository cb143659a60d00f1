"""A place ends: how is a state of the request, and when stands beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BEFORE = (
    "state IN ('sent', 'acknowledged', 'accepted', 'waitlisted', 'needs_person_action', 'started', "
    "'declined_by_provider', 'declined_by_person', 'entered_in_error')"
)
AFTER = (
    "state IN ('sent', 'acknowledged', 'accepted', 'waitlisted', 'needs_person_action', 'started', "
    "'completed', 'not_helped', 'could_not_contact', "
    "'declined_by_provider', 'declined_by_person', 'entered_in_error')"
)


def upgrade() -> None:
    op.add_column("place_request", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("state_known", "place_request", type_="check")
    op.create_check_constraint("state_known", "place_request", AFTER)


def downgrade() -> None:
    op.drop_constraint("state_known", "place_request", type_="check")
    op.create_check_constraint("state_known", "place_request", BEFORE)
    op.drop_column("place_request", "ended_at")
