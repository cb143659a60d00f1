"""The envelope every event travels in: CloudEvents 1.0, structured JSON.

The whole event is the message's value, so that an outbox row, a parked event and a test example are the same text.
"""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
SEQUENCE_DIGITS = 20


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(_utc_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
# Text on the wire, since CloudEvents compares sequences as text; a number in code.
Sequence = Annotated[
    int,
    Field(ge=0, lt=2**63),
    PlainSerializer(lambda number: f"{number:0{SEQUENCE_DIGITS}}", str, "json"),
    WithJsonSchema({"type": "string", "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$"}),
]


class ContactRef(BaseModel):
    """Names a sealed contact by id and version; the details are on the sealed streams alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    contact_id: UUID
    version: int = Field(ge=1)


class Fact(BaseModel):
    """What an event says. `name` is the event's name on the wire, `version` its contract's version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type: `kith.<event-name>.v<version>`."""
        return f"kith.{cls.name}.v{cls.version}"


F = TypeVar("F", bound=Fact)


class Head(BaseModel):
    """The envelope without its data: enough to route, to deduplicate and to park."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: Moment
    datacontenttype: str = "application/json"
    key: str = Field(alias="partitionkey")
    sequence: Sequence
    correlation: str = Field(alias="correlationid")
    causation: UUID | None = Field(default=None, alias="causationid")
    traceparent: str | None = None
    pcn: str | None = None


class Event(Head, Generic[F]):
    """An event with its data of type `F`."""

    data: F

    def wire(self) -> bytes:
        """The event as it lies on the topic; attributes nobody set are left out, as CloudEvents asks."""
        head = self.model_dump_json(by_alias=True, exclude_none=True)
        return head.encode()
