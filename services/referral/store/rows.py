"""The rows of a referral and of the person it is about."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.referral.domain.agreement import Basis
from services.referral.domain.person import NotifyBy
from services.referral.domain.referral import Closure, Decline, Route, Status, Urgency
from services.referral.store.base import Base
from services.referral.store.columns import one_of, texts


class PersonRow(Base, table=True):
    """Everything personal about one person, in one place, so that it can be guarded and erased in one place."""

    __tablename__ = "person"
    __table_args__ = (one_of("notify_by", NotifyBy),)

    id: UUID = Field(primary_key=True)
    version: int = 1
    given_name: str
    family_name: str
    known_as: str = ""
    born_on: date
    nhs_number: str | None = Field(default=None, index=True)
    address_lines: list[str] = texts()
    no_fixed_address: bool = False
    postcode: str = ""
    phone: str = ""
    email: str = ""
    channels: list[str] = texts()
    notify_by: str
    unsafe: bool = False
    voicemail_safe: bool = False
    safe_times: str = ""
    do_not: str = ""
    through: str = ""
    language: str = ""
    interpreter: str = ""
    adjustments: str = ""
    may_know: list[str] = texts()
    safety_note: str = ""
    safety_asked_on: date | None = None
    contact_id: UUID = Field(unique=True)
    contact_version: int = 1


class ReferralRow(Base, table=True):
    """One referral: where it stands, for whom, and who carries it."""

    __tablename__ = "referral"
    __table_args__ = (
        one_of("status", Status),
        one_of("route", Route),
        one_of("urgency", Urgency),
        one_of("agreement_basis", Basis),
        one_of("decline", Decline),
        one_of("closure", Closure),
        CheckConstraint("cardinality(reasons) > 0", name="referral_reasons_some"),
        CheckConstraint("weight > 0", name="referral_weight_positive"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    version: int = 1
    status: str = Field(index=True)
    route: str
    person_id: UUID = Field(foreign_key="person.id", index=True)
    pcn: str | None = Field(default=None, index=True)
    practice: str | None = Field(default=None, index=True)
    urgency: str
    reasons: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    other_reason: str = ""
    what_matters: str = ""
    agreement_basis: str
    agreement_by: str = ""
    agreement_reason: str = ""
    made_by: str
    made_at: datetime
    weight: int = 1
    link_worker: str | None = Field(default=None, foreign_key="staff.subject", index=True)
    allocated_at: datetime | None = None
    decline: str | None = None
    decline_words: str = ""
    closure: str | None = None
    ended_at: datetime | None = None


class OpenPersonRow(Base, table=True):
    """Who has an open referral, network-wide, as keyed hashes alone: the primary key is what keeps it to one."""

    __tablename__ = "open_person"
    __table_args__ = (CheckConstraint("kind IN ('nhs', 'demographics')", name="open_person_kind_known"),)

    hash: bytes = Field(primary_key=True)
    kind: str
    referral_id: UUID = Field(foreign_key="referral.id", index=True)


class ReferralNoteRow(Base, table=True):
    """Words that reached an open referral from outside the case: the person referring themself again, or perhaps."""

    __tablename__ = "referral_note"
    __table_args__ = (CheckConstraint("certainty IN ('is', 'may-be')", name="referral_note_certainty_known"),)

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    at: datetime
    certainty: str
    words: str
    contact_id: UUID | None = None
