"""The rows of listings, of those who run them, of where postcodes lie, and of requests for places."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, SmallInteger, Text
from sqlmodel import Field

from services.directory.domain.activity import ListingStatus
from services.directory.domain.capacity import CapacityStatus
from services.directory.domain.cost import CostKind
from services.directory.domain.needs import NeedGroup
from services.directory.domain.request import DeclineReason, RequestState, Urgency
from services.directory.store.base import Base
from services.directory.store.columns import documents, one_of, texts


class ProviderRow(Base, table=True):
    """An organisation that runs activities. `contact_version` 0: nobody has said how to reach its people."""

    __tablename__ = "provider"

    id: str = Field(primary_key=True)
    name: str = ""
    contact_id: UUID = Field(unique=True)
    contact_version: int = 0


class ProviderPersonRow(Base, table=True):
    """Someone who answers for providers, by the subject they log in with."""

    __tablename__ = "provider_person"

    subject: str = Field(primary_key=True)
    name: str
    providers: list[str] = texts()
    email: str = ""
    phone: str = ""


class ActivityRow(Base, table=True):
    """A listing and its room. `revision` is the directory's count of changes when this one was last written."""

    __tablename__ = "activity"
    __table_args__ = (
        one_of("status", ListingStatus),
        one_of("cost_kind", CostKind),
        one_of("room_status", CapacityStatus),
        CheckConstraint("room_places > 0", name="room_places_positive"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    source_id: str = Field(unique=True)
    version: int = 1
    revision: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    provider_id: str | None = Field(default=None, foreign_key="provider.id", index=True)
    name: str
    description: str
    status: str
    needs: list[str] = texts()
    places: list[dict[str, Any]] = documents()
    meetings: list[dict[str, Any]] = documents()
    cost_kind: str
    cost_pence: int | None = None
    cost_words: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    eligibility_words: str = ""
    how_to_join: str = ""
    accessibility: list[str] = texts()
    accessibility_words: str = ""
    languages: list[str] = texts()
    url: str = ""
    email: str = ""
    phone: str = ""
    assured_on: date | None = None
    room_status: str
    room_places: int | None = None
    room_stated_at: datetime | None = None


class RevisionRow(Base, table=True):
    """One row: how often the directory has changed. Writers take turns at it, so its order is that of their commits."""

    __tablename__ = "directory_revision"
    __table_args__ = (CheckConstraint("id = 1", name="directory_revision_single"),)

    id: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    number: int = Field(sa_column=Column(BigInteger, nullable=False))


class PostcodeRow(Base, table=True):
    """Where a postcode lies, in metres of the British National Grid. Sorted by bytes, so that an area is a range."""

    __tablename__ = "postcode"

    postcode: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    quality: int = Field(sa_column=Column(SmallInteger, nullable=False))
    easting: int
    northing: int
    district: str = ""
    ward: str = ""


class PlaceRequestRow(Base, table=True):
    """A request for a place. `referral` keys what is published; it is shown on no page."""

    __tablename__ = "place_request"
    __table_args__ = (
        one_of("need", NeedGroup),
        one_of("urgency", Urgency),
        one_of("state", RequestState),
        one_of("reason", DeclineReason),
        Index("place_request_desk", "provider_id", "state", "sent_at"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    referral: str
    activity_id: UUID = Field(foreign_key="activity.id", index=True)
    provider_id: str
    pcn: str | None = None
    need: str
    urgency: str
    meets_rules: bool | None = None
    sent_at: datetime
    answer_by: datetime
    state: str
    seen_at: datetime | None = None
    answered_at: datetime | None = None
    overdue_since: datetime | None = None
    first_date: date | None = None
    expected: date | None = None
    reason: str | None = None
    ended_at: datetime | None = None
    version: int = 1


class AttendanceRow(Base, table=True):
    """Whether the person came on one day."""

    __tablename__ = "attendance"

    request_id: UUID = Field(primary_key=True, foreign_key="place_request.id")
    held_on: date = Field(primary_key=True)
    attended: bool
