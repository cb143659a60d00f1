"""The rows of the network: practices, primary care networks, and the staff who work in them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.referral.domain.network import Kind, Standing
from services.referral.store.base import Base
from services.referral.store.columns import one_of, texts


class OrganisationRow(Base, table=True):
    """A GP practice or a primary care network, by its ODS code."""

    __tablename__ = "organisation"
    __table_args__ = (one_of("kind", Kind), one_of("standing", Standing))

    code: str = Field(primary_key=True)
    kind: str
    name: str
    standing: str
    address_lines: list[str] = texts()
    postcode: str = ""
    phone: str = ""
    email: str = ""
    opened: date | None = None
    closed: date | None = None
    contact_id: UUID = Field(unique=True)
    contact_version: int = 1


class MembershipRow(Base, table=True):
    """A practice's time in one network, since practices change; `ends` is the last day, None while it lasts."""

    __tablename__ = "membership"

    id: UUID = Field(primary_key=True)
    practice: str = Field(foreign_key="organisation.code", index=True)
    network: str = Field(foreign_key="organisation.code", index=True)
    starts: date | None = None
    ends: date | None = None


class StaffRow(Base, table=True):
    """Someone who works in the network, by the subject they log in with. `load_limit` counts weighted open cases."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("load_limit > 0", name="staff_load_limit_positive"),)

    subject: str = Field(primary_key=True)
    name: str
    roles: list[str] = texts()
    organisations: list[str] = texts()
    languages: list[str] = texts()
    email: str = ""
    phone: str = ""
    active: bool = True
    load_limit: int = 40
    last_allocated_at: datetime | None = None
    contact_id: UUID = Field(unique=True)
    contact_version: int = 1
