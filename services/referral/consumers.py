"""What referral does when it hears from the directory and from notifications: one entry per event."""

from datetime import datetime
from uuid import UUID

from services.referral.actions.hearing import (
    AnyMessage,
    hear_of_absence,
    hear_of_activity,
    hear_of_message,
    hear_of_request,
)
from services.referral.domain.prescriptions import Heard, News
from shared.backbone.consumers import Consumers
from shared.events import directory, notification, place
from shared.events.envelope import Event, Head
from shared.events.streams import DIRECTORY_EVENTS
from shared.runtime.store import Tx

ACTIVITIES = "activities"


async def on_place_acknowledged(tx: Tx, event: Event[place.PlaceAcknowledged]) -> None:
    await hear_of_request(tx, event.data.prescription_id, Heard(News.ACKNOWLEDGED, event.time))


async def on_place_accepted(tx: Tx, event: Event[place.PlaceAccepted]) -> None:
    heard = Heard(News.ACCEPTED, event.time, first_date=event.data.first_date)
    await hear_of_request(tx, event.data.prescription_id, heard)


async def on_place_waitlisted(tx: Tx, event: Event[place.PlaceWaitlisted]) -> None:
    heard = Heard(News.WAITLISTED, event.time, expected=event.data.expected)
    await hear_of_request(tx, event.data.prescription_id, heard)


async def on_place_declined(tx: Tx, event: Event[place.PlaceDeclined]) -> None:
    heard = Heard(News.DECLINED, event.time, reason=event.data.reason)
    await hear_of_request(tx, event.data.prescription_id, heard)


async def on_person_action_needed(tx: Tx, event: Event[place.PersonActionNeeded]) -> None:
    await hear_of_request(tx, event.data.prescription_id, Heard(News.NEEDS_PERSON_ACTION, event.time))


async def on_reply_overdue(tx: Tx, event: Event[place.ReplyOverdue]) -> None:
    await hear_of_request(tx, event.data.prescription_id, Heard(News.OVERDUE, event.time))


async def on_attendance_recorded(tx: Tx, event: Event[place.AttendanceRecorded]) -> None:
    said = event.data
    if not said.attended:
        await hear_of_absence(tx, said.prescription_id, said.held_on, event.time)
        return
    await hear_of_request(tx, said.prescription_id, Heard(News.ATTENDED, event.time, first_date=said.held_on))


async def on_place_ended(tx: Tx, event: Event[place.PlaceEnded]) -> None:
    await hear_of_request(tx, event.data.prescription_id, Heard(News(event.data.outcome), event.time))


async def on_activity_listed(tx: Tx, event: Event[directory.ActivityListed]) -> None:
    await _activity(tx, event, event.data.activity)


async def on_activity_revised(tx: Tx, event: Event[directory.ActivityRevised]) -> None:
    await _activity(tx, event, event.data.activity)


async def on_activity_withdrawn(tx: Tx, event: Event[directory.ActivityWithdrawn]) -> None:
    await _activity(tx, event, event.data.activity, withdrawn=True)


async def on_capacity_stated(tx: Tx, event: Event[directory.CapacityStated]) -> None:
    await _activity(tx, event, event.data.activity)


async def _activity(tx: Tx, event: Head, said: directory.Activity, *, withdrawn: bool = False) -> None:
    await hear_of_activity(tx, UUID(event.key), event.sequence, said, withdrawn=withdrawn)


async def on_message_sent(tx: Tx, event: Event[notification.MessageSent]) -> None:
    await _message(tx, event.key, event.time, event.data, "sent")


async def on_message_failed(tx: Tx, event: Event[notification.MessageFailed]) -> None:
    await _message(tx, event.key, event.time, event.data, "failed", event.data.reason)


async def on_message_withheld(tx: Tx, event: Event[notification.MessageWithheld]) -> None:
    await _message(tx, event.key, event.time, event.data, "withheld", event.data.reason)


async def _message(tx: Tx, key: str, at: datetime, said: AnyMessage, state: str, reason: str = "") -> None:
    try:
        referral_id = UUID(key)
    except ValueError:  # keyed by an organisation's code: about no case
        return
    await hear_of_message(tx, referral_id, said, at, state, reason)


def consumers() -> Consumers:
    """The dispatch table: everything referral acts on."""
    table = Consumers("referral")
    table.on(place.PlaceAcknowledged)(on_place_acknowledged)
    table.on(place.PlaceAccepted)(on_place_accepted)
    table.on(place.PlaceWaitlisted)(on_place_waitlisted)
    table.on(place.PlaceDeclined)(on_place_declined)
    table.on(place.PersonActionNeeded)(on_person_action_needed)
    table.on(place.ReplyOverdue)(on_reply_overdue)
    table.on(place.AttendanceRecorded)(on_attendance_recorded)
    table.on(place.PlaceEnded)(on_place_ended)
    table.projection(ACTIVITIES, streams=[DIRECTORY_EVENTS], tables=["activity"])
    table.on(directory.ActivityListed, into=ACTIVITIES)(on_activity_listed)
    table.on(directory.ActivityRevised, into=ACTIVITIES)(on_activity_revised)
    table.on(directory.ActivityWithdrawn, into=ACTIVITIES)(on_activity_withdrawn)
    table.on(directory.CapacityStated, into=ACTIVITIES)(on_capacity_stated)
    table.on(notification.MessageSent)(on_message_sent)
    table.on(notification.MessageFailed)(on_message_failed)
    table.on(notification.MessageWithheld)(on_message_withheld)
    return table
