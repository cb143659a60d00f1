"""What the API answers with: an activity, and a request as its provider may know it."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.directory.domain import capacity, cost, meetings
from services.directory.domain.activity import Activity, eligibility_in_words
from services.directory.domain.request import PlaceRequest
from services.directory.search.reasons import next_time, room
from shared.runtime.ids import tidy_reference


def tidy(reference: str) -> str:
    """A reference as we write it; one that cannot be a reference finds nothing."""
    return tidy_reference(reference) or ""


class RoomOut(BaseModel):
    """What the provider last said about places (Gravity's codes, or unknown), when, and both in words."""

    status: str
    places: int | None
    stated_at: datetime | None
    words: str

    @classmethod
    def of(cls, activity: Activity, now: datetime) -> "RoomOut":
        said = activity.capacity
        status = capacity.believed(said, now)
        places = said.places if status is said.status else None
        return cls(status=status, places=places, stated_at=said.stated_at, words=room(activity, now))


class PlaceOut(BaseModel):
    """Where it happens."""

    name: str
    address: list[str]
    postcode: str
    online: bool


class ActivityOut(BaseModel):
    """A whole listing. `needs` are Kith's reasons, `accessibility` the directory's codes; ages in years, included."""

    id: UUID
    reference: str
    name: str
    provider: str
    provider_id: str
    description: str
    status: str
    needs: list[str]
    places: list[PlaceOut]
    when: list[str]
    next: str
    cost: str
    cost_pence: int | None
    eligibility: str
    minimum_age: int | None
    maximum_age: int | None
    how_to_join: str
    accessibility: list[str]
    languages: list[str]
    url: str
    email: str
    phone: str
    assured_on: date | None
    room: RoomOut
    version: int

    @classmethod
    def of(cls, activity: Activity, now: datetime) -> "ActivityOut":
        listing = activity.listing
        plain = {name: getattr(listing, name) for name in PLAIN}
        return cls.model_validate(
            {
                **plain,
                "id": activity.id,
                "reference": activity.reference,
                "version": activity.version,
                "provider": listing.provider.name,
                "provider_id": listing.provider.id,
                "places": [PlaceOut.model_validate(place, from_attributes=True) for place in listing.places],
                "when": [meetings.in_words(meeting) for meeting in listing.meetings],
                "next": next_time(activity, now),
                "cost": cost.in_words(listing.cost),
                "cost_pence": listing.cost.pence,
                "eligibility": eligibility_in_words(listing.eligibility),
                "minimum_age": listing.eligibility.minimum_age,
                "maximum_age": listing.eligibility.maximum_age,
                "room": RoomOut.of(activity, now),
            }
        )


PLAIN = (
    "name",
    "description",
    "status",
    "needs",
    "how_to_join",
    "accessibility",
    "languages",
    "url",
    "email",
    "phone",
    "assured_on",
)


class AttendanceOut(BaseModel):
    """Whether the person came on one day."""

    on: date
    attended: bool


class RequestOut(BaseModel):
    """A request by its own reference; nothing here says who it is for. `state` is `unanswered` past the due time."""

    reference: str
    activity: str
    activity_reference: str
    need: str
    meets_rules: bool | None
    urgency: str
    sent_at: datetime
    answer_by: datetime
    overdue: bool
    state: str
    first_date: date | None
    expected: date | None
    reason: str | None
    ended_at: datetime | None
    attendances: list[AttendanceOut]
    version: int

    @classmethod
    def of(cls, request: PlaceRequest, activity: Activity) -> "RequestOut":
        return cls(
            reference=request.reference,
            activity=activity.listing.name,
            activity_reference=activity.reference,
            need=request.need,
            meets_rules=request.meets_rules,
            urgency=request.urgency,
            sent_at=request.sent_at,
            answer_by=request.answer_by,
            overdue=request.unanswered and request.overdue_since is not None,
            state=request.shown_state,
            first_date=request.first_date,
            expected=request.expected,
            reason=request.reason,
            ended_at=request.ended_at,
            attendances=[AttendanceOut(on=each.on, attended=each.attended) for each in request.attendances],
            version=request.version,
        )
