"""Telling the other services what became of a request for a place."""

from datetime import datetime

from services.directory.domain.answers import (
    Accept,
    Acknowledged,
    AskPerson,
    Attended,
    Decline,
    Ended,
    Fact,
    Overdue,
    Waitlist,
)
from services.directory.domain.request import PlaceRequest
from shared.backbone.outbox import record
from shared.events import place as told
from shared.events.envelope import Fact as Event
from shared.events.vocabulary import DeclineReason, PlaceOutcome
from shared.runtime.store import Tx


async def tell(tx: Tx, request: PlaceRequest, facts: list[Fact], at: datetime) -> None:
    """In order, under the referral's key, about the prescription."""
    for fact in facts:
        await record(tx, event_of(request, fact), subject=request.id, key=request.referral, time=at, pcn=request.pcn)


def event_of(request: PlaceRequest, fact: Fact) -> Event:
    prescription, activity, provider = request.id, request.activity, request.provider
    about = {"prescription_id": prescription, "activity_id": activity, "provider_id": provider}
    match fact:
        case Acknowledged():
            return told.PlaceAcknowledged.model_validate(about)
        case Accept(first_date):
            return told.PlaceAccepted.model_validate({**about, "first_date": first_date})
        case Waitlist(expected):
            return told.PlaceWaitlisted.model_validate({**about, "expected": expected})
        case Decline(reason):
            return told.PlaceDeclined.model_validate({**about, "reason": DeclineReason(reason)})
        case AskPerson():
            return told.PersonActionNeeded.model_validate(about)
        case Overdue(answer_by):
            return told.ReplyOverdue.model_validate({**about, "answer_by": answer_by})
        case Attended(attendance):
            held = {"held_on": attendance.on, "attended": attendance.attended}
            return told.AttendanceRecorded.model_validate({**about, **held})
        case Ended(outcome):
            return told.PlaceEnded.model_validate({**about, "outcome": PlaceOutcome(outcome)})
