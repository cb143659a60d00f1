"""What became of a request for a place, said by the directory for the provider."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Fact, Moment
from shared.events.vocabulary import DeclineReason, PlaceOutcome


class _AboutPlace(Fact):
    prescription_id: UUID
    activity_id: UUID
    provider_id: str


class PlaceAcknowledged(_AboutPlace):
    """The provider has seen the request."""

    name: ClassVar[str] = "place-acknowledged"


class PlaceAccepted(_AboutPlace):
    """The provider has a place."""

    name: ClassVar[str] = "place-accepted"
    first_date: date | None = None


class PlaceWaitlisted(_AboutPlace):
    """The person is on the provider's waiting list."""

    name: ClassVar[str] = "place-waitlisted"
    expected: date | None = None


class PlaceDeclined(_AboutPlace):
    """The provider cannot, and says why."""

    name: ClassVar[str] = "place-declined"
    reason: DeclineReason


class PersonActionNeeded(_AboutPlace):
    """The provider needs something of the person before they can answer."""

    name: ClassVar[str] = "person-action-needed"


class ReplyOverdue(_AboutPlace):
    """The day to answer by has passed in silence; this is not a refusal."""

    name: ClassVar[str] = "reply-overdue"
    answer_by: Moment


class AttendanceRecorded(_AboutPlace):
    """The provider says whether the person came."""

    name: ClassVar[str] = "attendance-recorded"
    held_on: date
    attended: bool


class PlaceEnded(_AboutPlace):
    """The person's time with the activity ended, and how."""

    name: ClassVar[str] = "place-ended"
    outcome: PlaceOutcome
