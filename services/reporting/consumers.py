"""What reporting does when it hears of something: a batch at a time, since its figures hang on no order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.reporting.actions import hearing
from services.reporting.domain.measures import AnswerKind
from services.reporting.domain.news import Asked, Came, Made, Moved, Named, News, Reached
from shared.backbone.consumers import Consumers
from shared.events import network, place, referral
from shared.events.envelope import Event
from shared.events.streams import NETWORK_EVENTS, PLACE_EVENTS, REFERRAL_EVENTS
from shared.events.vocabulary import ContactOutcome, WithdrawalReason
from shared.runtime.clock import LONDON
from shared.runtime.store import Tx

FUNNEL, NAMES = "funnel", "names"
ANSWERS: Mapping[type, AnswerKind] = {
    place.PlaceAccepted: AnswerKind.ACCEPTED,
    place.PlaceWaitlisted: AnswerKind.WAITLISTED,
    place.PlaceDeclined: AnswerKind.DECLINED,
    place.PersonActionNeeded: AnswerKind.ASKED_PERSON,
}


def _created(news: News, about: UUID, event: Event[referral.ReferralCreated]) -> None:
    said, made_on = event.data, event.time.astimezone(LONDON).date()
    news.made.append(Made(about, made_on, event.pcn, said.practice, said.reason_group.value))


def _allocated(news: News, about: UUID, event: Event[referral.ReferralAllocated]) -> None:
    if event.pcn:
        news.moved.append(Moved(about, event.pcn))


def _attempted(news: News, about: UUID, event: Event[referral.ContactAttempted]) -> None:
    if event.data.outcome is ContactOutcome.REACHED:
        news.reached.append(Reached(about, event.time))


def _session(news: News, about: UUID, event: Event[referral.SessionCompleted]) -> None:
    news.reached.append(Reached(about, event.time, session=True))


def _prescribed(news: News, about: UUID, event: Event[referral.ActivityPrescribed]) -> None:
    news.asked.append(Asked(about, event.data.prescription_id, asked=event.time))


def _withdrawn(news: News, about: UUID, event: Event[referral.PrescriptionWithdrawn]) -> None:
    in_error = event.data.reason is WithdrawalReason.ENTERED_IN_ERROR
    news.asked.append(Asked(about, event.data.prescription_id, withdrawn=event.time, in_error=in_error))


def _answered(news: News, about: UUID, event: Event[Any]) -> None:
    news.answered(about, event.data.prescription_id, event.time, ANSWERS[type(event.data)])


def _overdue(news: News, about: UUID, event: Event[place.ReplyOverdue]) -> None:
    news.asked.append(Asked(about, event.data.prescription_id, overdue=event.time))


def _attendance(news: News, about: UUID, event: Event[place.AttendanceRecorded]) -> None:
    said = event.data
    news.came_on(about, Came(said.prescription_id, said.held_on, said.attended, event.time))


Tells = Callable[[News, UUID, Event[Any]], None]
OF_REFERRALS: Mapping[type, Tells] = {
    referral.ReferralCreated: _created,
    referral.ReferralAllocated: _allocated,
    referral.ContactAttempted: _attempted,
    referral.SessionCompleted: _session,
    referral.ActivityPrescribed: _prescribed,
    referral.PrescriptionWithdrawn: _withdrawn,
}
OF_PLACES: Mapping[type, Tells] = {
    **dict.fromkeys(ANSWERS, _answered),
    place.ReplyOverdue: _overdue,
    place.AttendanceRecorded: _attendance,
}


async def hear_of_referrals(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """What became of referrals and of their requests; the referral is what an event's key names."""
    news, tells = News(), {**OF_REFERRALS, **OF_PLACES}
    for event in events:
        tells[type(event.data)](news, UUID(event.key), event)
    await hearing.note(tx, news)


async def hear_of_names(tx: Tx, events: Sequence[Event[network.OrganisationListed]]) -> None:
    """What practices and networks are called."""
    named = [Named(event.data.code, event.data.kind.value, event.data.organisation_name) for event in events]
    await hearing.note(tx, News(named=named))


def consumers() -> Consumers:
    """The dispatch table. All that reporting keeps is derived from what it hears."""
    table = Consumers("reporting")
    kept = ["referral", "request", "attendance"]
    table.projection(FUNNEL, streams=[REFERRAL_EVENTS, PLACE_EVENTS], tables=kept)
    table.projection(NAMES, streams=[NETWORK_EVENTS], tables=["organisation"])
    table.on_many(REFERRAL_EVENTS, *OF_REFERRALS, into=FUNNEL)(hear_of_referrals)
    table.on_many(PLACE_EVENTS, *OF_PLACES, into=FUNNEL)(hear_of_referrals)
    table.on_many(NETWORK_EVENTS, network.OrganisationListed, into=NAMES)(hear_of_names)
    return table
