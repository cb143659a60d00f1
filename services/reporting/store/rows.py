"""The rows of reporting: when each referral first came to each stage, and what became of each request. No person."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from services.reporting.store.base import Base


class ReferralRow(Base, table=True):
    """The first time of each stage. `made_on` (a London day) is missing until the referral itself was heard of.

    `prescribed` and what follows come from the referral's requests, so that one entered in error can be taken out.
    """

    __tablename__ = "referral"

    referral_id: UUID = Field(primary_key=True)
    made_on: date | None = Field(default=None, index=True)
    pcn: str | None = None
    practice: str | None = None
    reason_group: str | None = None
    reached: datetime | None = None
    session: datetime | None = None
    prescribed: datetime | None = None
    answered: datetime | None = None
    accepted: datetime | None = None
    attended: datetime | None = None


class RequestRow(Base, table=True):
    """One request for a place. `answer` is the latest one, given at `answer_at`; `answered` is when the first was."""

    __tablename__ = "request"

    request_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(index=True)
    asked: datetime | None = None
    answered: datetime | None = None
    answer: str | None = None
    answer_at: datetime | None = None
    overdue: datetime | None = None
    accepted: datetime | None = None
    attended: datetime | None = None
    withdrawn: datetime | None = None
    in_error: bool = False


class AttendanceRow(Base, table=True):
    """The last word on whether the person came on one day."""

    __tablename__ = "attendance"

    request_id: UUID = Field(primary_key=True)
    held_on: date = Field(primary_key=True)
    attended: bool
    said_at: datetime


class OrganisationRow(Base, table=True):
    """The name of a practice or network."""

    __tablename__ = "organisation"

    code: str = Field(primary_key=True)
    kind: str
    name: str
