"""The rows of notifications: messages without their words, and what has been heard of the rest.

Addresses stand in `contact` alone, so that erasing one row erases a person.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from services.notifications.domain.contact import NotifyBy
from services.notifications.domain.delivery import State, Waiting
from services.notifications.domain.telling import Audience, Occasion
from services.notifications.store.base import Base


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Text with a CHECK rather than a database enum: a new word must not need ALTER TYPE."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class MessageRow(Base, table=True):
    """One message: one audience of one event. Its words and address are put together only when it goes."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("event_id", "audience", name="message_once"),
        one_of("occasion", Occasion),
        one_of("audience", Audience),
        one_of("state", State),
        one_of("waiting", Waiting),
        Index("message_due", "due", "recorded_at", postgresql_where=text("state = 'queued'")),
        Index("message_waits_for", "waits_for", postgresql_where=text("waits_for IS NOT NULL")),
        # Told the first time only: a referrer wants to know that someone goes, not each week that they went.
        Index(
            "message_first_attendance",
            "request_id",
            "audience",
            unique=True,
            postgresql_where=text("occasion = 'attendance-recorded'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    event_id: UUID
    occasion: str
    audience: str
    referral_id: UUID = Field(index=True)
    request_id: UUID | None = None
    activity_id: UUID | None = None
    pcn: str | None = Field(default=None, index=True)
    happened_at: datetime
    recorded_at: datetime
    correlation: str
    reference: str | None = Field(default=None, unique=True)
    contact_id: UUID | None = Field(default=None, index=True)
    state: str = State.QUEUED
    channel: str | None = None
    waiting: str = Waiting.NOTHING
    waits_for: UUID | None = None
    tries: int = 0
    due: datetime | None = None
    settled_at: datetime | None = None
    reason: str = ""
    version: int = 1


class ContactRow(Base, table=True):
    """The newest version of how to reach somebody; emptied, but kept as erased, by a tombstone."""

    __tablename__ = "contact"
    __table_args__ = (one_of("notify_by", NotifyBy),)

    contact_id: UUID = Field(primary_key=True)
    version: int
    what_to_call: str = ""
    full_name: str = ""
    email: str = ""
    address_lines: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    postcode: str = ""
    notify_by: str = NotifyBy.NONE
    unsafe: bool = False
    large_print: bool = False
    erased: bool = False


class ReferralRow(Base, table=True):
    """What has been heard of a referral."""

    __tablename__ = "referral"

    referral_id: UUID = Field(primary_key=True)
    reference: str
    pcn: str | None = None
    person_contact: UUID
    person_version: int
    referrer_contact: UUID | None = None
    referrer_version: int | None = None
    link_worker_contact: UUID | None = None
    link_worker_version: int | None = None
    referrer_follows: bool = False


class RequestRow(Base, table=True):
    """What has been heard of a request for a place."""

    __tablename__ = "request"

    request_id: UUID = Field(primary_key=True)
    reference: str
    activity_id: UUID
    need: str
    answer_by: datetime


class ActivityRow(Base, table=True):
    """What has been heard of an activity."""

    __tablename__ = "activity"

    activity_id: UUID = Field(primary_key=True)
    name: str
    provider_contact: UUID | None = None
    provider_version: int | None = None


class OrganisationRow(Base, table=True):
    """The name of a practice or network."""

    __tablename__ = "organisation"

    code: str = Field(primary_key=True)
    name: str
