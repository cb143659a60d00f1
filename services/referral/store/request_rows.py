"""The rows of the onward half: activities as last heard of, requests for places and what was heard about them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.referral.domain.fit import Answer
from services.referral.domain.prescriptions import SETTLED, RequestState, UnmetCause
from services.referral.domain.reasons import ReasonGroup
from services.referral.store.base import Base
from services.referral.store.columns import one_of, texts

_SETTLED = ", ".join(f"'{state}'" for state in sorted(SETTLED))


class ActivityRow(Base, table=True):
    """An activity as the directory last described it, so that prescribing works while the directory is down."""

    __tablename__ = "activity"

    id: UUID = Field(primary_key=True)
    sequence: int
    reference: str = Field(index=True)
    name: str
    provider_id: str
    provider_name: str
    needs: list[str] = texts()
    area: str | None = None
    days: list[str] = texts()
    when_text: str = ""
    where_text: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    eligibility: str = ""
    cost_pence: int | None = None
    accessibility: list[str] = texts()
    languages: list[str] = texts()
    status: str
    room: str
    places: int | None = None
    room_stated_at: datetime | None = None


class PrescriptionRow(Base, table=True):
    """A request for a place. `reference` is its own: a provider knows the request by nothing else."""

    __tablename__ = "prescription"
    __table_args__ = (
        one_of("state", RequestState),
        one_of("meets_rules", Answer),
        Index(
            "prescription_one_open_per_activity",
            "referral_id",
            "activity_id",
            unique=True,
            postgresql_where=text(f"state NOT IN ({_SETTLED})"),
        ),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    version: int = 1
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    activity_id: UUID
    activity_name: str
    provider_id: str
    provider_name: str
    state: str
    asked_at: datetime
    answer_by: datetime
    person_agreed: bool
    meets_rules: str
    by: str
    news: str | None = None
    news_at: datetime | None = None
    first_date: date | None = None
    expected: date | None = None
    reason: str = ""


class PrescriptionNewsRow(Base, table=True):
    """Everything ever heard about a request, for its history, whether or not it moved the state. `news` is one of the
    domain's words, or `missed` when the person did not come on `first_date`."""

    __tablename__ = "prescription_news"

    id: UUID = Field(primary_key=True)
    prescription_id: UUID = Field(foreign_key="prescription.id", index=True)
    news: str
    at: datetime
    first_date: date | None = None
    expected: date | None = None
    reason: str = ""


class SignpostRow(Base, table=True):
    """The person was told of an activity; nobody was asked for anything."""

    __tablename__ = "signpost"

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    activity_id: UUID
    activity_name: str
    at: datetime
    by: str


class UnmetNeedRow(Base, table=True):
    """The community had nothing that fits."""

    __tablename__ = "unmet_need"
    __table_args__ = (one_of("reason_group", ReasonGroup), one_of("cause", UnmetCause))

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    reason_group: str
    cause: str
    at: datetime
    by: str


class CaseMessageRow(Base, table=True):
    """What notifications said of a message about this case; its words and address stay there."""

    __tablename__ = "case_message"

    id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    kind: str
    audience: str
    channel: str
    state: str
    reason: str = ""
    at: datetime
