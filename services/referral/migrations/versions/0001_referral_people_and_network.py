"""Referral, its people and its network, with the backbone's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.backbone.revisions import first

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("address_lines", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("opened", sa.Date(), nullable=True),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("contact_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('practice', 'pcn')", name="kind_known"),
        sa.CheckConstraint("standing IN ('open', 'dormant', 'closed')", name="standing_known"),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("contact_id"),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("known_as", sa.String(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("nhs_number", sa.String(), nullable=True),
        sa.Column("address_lines", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("no_fixed_address", sa.Boolean(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("notify_by", sa.String(), nullable=False),
        sa.Column("unsafe", sa.Boolean(), nullable=False),
        sa.Column("voicemail_safe", sa.Boolean(), nullable=False),
        sa.Column("safe_times", sa.String(), nullable=False),
        sa.Column("do_not", sa.String(), nullable=False),
        sa.Column("through", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("interpreter", sa.String(), nullable=False),
        sa.Column("adjustments", sa.String(), nullable=False),
        sa.Column("may_know", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("safety_note", sa.String(), nullable=False),
        sa.Column("safety_asked_on", sa.Date(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("contact_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("notify_by IN ('email', 'letter', 'none')", name="notify_by_known"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contact_id"),
    )
    op.create_index(op.f("ix_person_nhs_number"), "person", ["nhs_number"], unique=False)


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("organisations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("load_limit", sa.Integer(), nullable=False),
        sa.Column("last_allocated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("contact_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("load_limit > 0", name="staff_load_limit_positive"),
        sa.PrimaryKeyConstraint("subject"),
        sa.UniqueConstraint("contact_id"),
    )


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["network"],
            ["organisation.code"],
        ),
        sa.ForeignKeyConstraint(
            ["practice"],
            ["organisation.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_membership_network"), "membership", ["network"], unique=False)
    op.create_index(op.f("ix_membership_practice"), "membership", ["practice"], unique=False)


def _rules_of_a_referral() -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint(
            "agreement_basis IN ('person', 'authority', 'best-interests')", name="agreement_basis_known"
        ),
        sa.CheckConstraint(
            "closure IN ('goals-reached', 'person-ended', 'could-not-reach', 'moved-away', 'died', 'referred-elsewhere', 'other')",
            name="closure_known",
        ),
        sa.CheckConstraint(
            "decline IN ('out-of-area', 'not-agreed', 'needs-another-service', 'duplicate', 'other')",
            name="decline_known",
        ),
        sa.CheckConstraint("route IN ('practice', 'self')", name="route_known"),
        sa.CheckConstraint(
            "status IN ('received', 'information-needed', 'accepted', 'allocated', 'active', 'declined', 'closed')",
            name="status_known",
        ),
        sa.CheckConstraint("urgency IN ('routine', 'urgent')", name="urgency_known"),
        sa.CheckConstraint("cardinality(reasons) > 0", name="referral_reasons_some"),
        sa.CheckConstraint("weight > 0", name="referral_weight_positive"),
    )


def _referral() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pcn", sa.String(), nullable=True),
        sa.Column("practice", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("other_reason", sa.String(), nullable=False),
        sa.Column("what_matters", sa.String(), nullable=False),
        sa.Column("agreement_basis", sa.String(), nullable=False),
        sa.Column("agreement_by", sa.String(), nullable=False),
        sa.Column("agreement_reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("link_worker", sa.String(), nullable=True),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline", sa.String(), nullable=True),
        sa.Column("decline_words", sa.String(), nullable=False),
        sa.Column("closure", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_rules_of_a_referral(),
        sa.ForeignKeyConstraint(
            ["link_worker"],
            ["staff.subject"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )


def _ways_to_find_referrals() -> None:
    op.create_index(op.f("ix_referral_link_worker"), "referral", ["link_worker"], unique=False)
    op.create_index(op.f("ix_referral_pcn"), "referral", ["pcn"], unique=False)
    op.create_index(op.f("ix_referral_person_id"), "referral", ["person_id"], unique=False)
    op.create_index(op.f("ix_referral_practice"), "referral", ["practice"], unique=False)
    op.create_index(op.f("ix_referral_status"), "referral", ["status"], unique=False)


def _open_person() -> None:
    op.create_table(
        "open_person",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('nhs', 'demographics')", name="open_person_kind_known"),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(op.f("ix_open_person_referral_id"), "open_person", ["referral_id"], unique=False)


def _referral_note() -> None:
    op.create_table(
        "referral_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certainty", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint("certainty IN ('is', 'may-be')", name="referral_note_certainty_known"),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_referral_note_referral_id"), "referral_note", ["referral_id"], unique=False)


def upgrade() -> None:
    first.create()
    _organisation()
    _person()
    _staff()
    _membership()
    _referral()
    _ways_to_find_referrals()
    _open_person()
    _referral_note()


def downgrade() -> None:
    first.drop()
    op.drop_index(op.f("ix_referral_note_referral_id"), table_name="referral_note")
    op.drop_table("referral_note")
    op.drop_index(op.f("ix_open_person_referral_id"), table_name="open_person")
    op.drop_table("open_person")
    op.drop_index(op.f("ix_referral_status"), table_name="referral")
    op.drop_index(op.f("ix_referral_practice"), table_name="referral")
    op.drop_index(op.f("ix_referral_person_id"), table_name="referral")
    op.drop_index(op.f("ix_referral_pcn"), table_name="referral")
    op.drop_index(op.f("ix_referral_link_worker"), table_name="referral")
    op.drop_table("referral")
    op.drop_index(op.f("ix_membership_practice"), table_name="membership")
    op.drop_index(op.f("ix_membership_network"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("staff")
    op.drop_index(op.f("ix_person_nhs_number"), table_name="person")
    op.drop_table("person")
    op.drop_table("organisation")
