"""What the directory hears: a place was asked for, or is no longer wanted; and what falls due."""

from services.directory.actions.requests import REPLY_DUE, mark_overdue, receive, take_back
from services.directory.domain.needs import NeedGroup
from services.directory.domain.request import PlaceRequest, RequestState, Urgency
from shared.backbone.consumers import Consumers
from shared.backbone.timers import Timer, Timers
from shared.events.envelope import Event
from shared.events.referral import ActivityPrescribed, PrescriptionWithdrawn
from shared.events.vocabulary import WithdrawalReason
from shared.runtime.store import Tx

BECOMES = {
    WithdrawalReason.DECLINED_BY_PERSON: RequestState.NOT_WANTED,
    WithdrawalReason.CASE_CLOSED: RequestState.NOT_WANTED,
    WithdrawalReason.ENTERED_IN_ERROR: RequestState.IN_ERROR,
}


async def on_activity_prescribed(tx: Tx, event: Event[ActivityPrescribed]) -> None:
    """The provider is given the request's own reference; the referral's id only keys what is published."""
    said = event.data
    asked = PlaceRequest(
        id=said.prescription_id,
        reference=said.request_reference,
        referral=event.key,
        activity=said.activity_id,
        provider=said.provider_id,
        need=NeedGroup(said.reason_group),
        urgency=Urgency(said.urgency),
        meets_rules=said.meets_rules,
        sent_at=event.time,
        answer_by=said.answer_by,
        pcn=event.pcn,
    )
    await receive(tx, asked)


async def on_prescription_withdrawn(tx: Tx, event: Event[PrescriptionWithdrawn]) -> None:
    await take_back(tx, event.data.prescription_id, BECOMES[event.data.reason], event.time)


async def on_reply_due(tx: Tx, timer: Timer) -> None:
    await mark_overdue(tx, timer.subject, timer.due)


def consumers() -> Consumers:
    """The directory's dispatch table."""
    table = Consumers("directory")
    table.on(ActivityPrescribed)(on_activity_prescribed)
    table.on(PrescriptionWithdrawn)(on_prescription_withdrawn)
    return table


def timers() -> Timers:
    """What the directory does when something falls due."""
    table = Timers()
    table.on(REPLY_DUE)(on_reply_due)
    return table
