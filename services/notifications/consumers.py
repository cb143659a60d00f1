"""What notifications does when it hears of something: people, referrals and requests a batch at a time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.notifications.actions import hearing
from services.notifications.domain.contact import Contact, ContactAt, NotifyBy
from services.notifications.domain.news import News, Telling
from services.notifications.domain.preparing import About, Activity, Referral, Request
from services.notifications.domain.telling import Audience, Occasion
from shared.backbone.consumers import Consumers, Tombstone
from shared.events import directory, network, place, referral
from shared.events.contact import ContactDetails, ContactStated
from shared.events.envelope import ContactRef, Event, Head
from shared.events.streams import (
    DIRECTORY_CONTACTS,
    NETWORK_EVENTS,
    PLACE_EVENTS,
    REFERRAL_CONTACTS,
    REFERRAL_EVENTS,
    Stream,
)
from shared.events.vocabulary import Route
from shared.runtime.sealing import unseal
from shared.runtime.store import Tx

PlaceFact = (
    place.PlaceAccepted
    | place.PlaceWaitlisted
    | place.PlaceDeclined
    | place.PersonActionNeeded
    | place.ReplyOverdue
    | place.AttendanceRecorded
)
ReferralEvent = Event[referral.ReferralCreated] | Event[referral.ReferralDeclined] | Event[referral.ReferralAllocated]


def consumers(own: X25519PrivateKey) -> Consumers:
    """The dispatch table; `own` opens the sealed contacts."""
    table = Consumers("notifications")
    _contacts(table, own)
    table.on_many(REFERRAL_EVENTS, *OF_REFERRALS)(hear_of_referrals)
    table.on_many(PLACE_EVENTS, *OF_PLACES)(hear_of_referrals)
    _names(table)
    return table


def _contacts(table: Consumers, own: X25519PrivateKey) -> None:
    def hear(stream: Stream) -> None:
        @table.on_contacts(stream)
        async def on_contacts(tx: Tx, events: Sequence[Event[ContactStated] | Tombstone]) -> None:
            said: list[Contact | UUID] = []
            for event in events:
                said.append(event.contact_id if isinstance(event, Tombstone) else opened(event.data, stream, own))
                await asyncio.sleep(0)  # to open a seal takes long, and others share the loop
            await hearing.hear_contacts(tx, said)

    hear(REFERRAL_CONTACTS)
    hear(DIRECTORY_CONTACTS)


def opened(stated: ContactStated, stream: Stream, own: X25519PrivateKey) -> Contact:
    """The contact inside the seal."""
    contact_id, version = stated.contact_id, stated.contact_version
    plain = unseal(stated.sealed, own=own, topic=stream.name, contact_id=contact_id, version=version)
    details = ContactDetails.model_validate_json(plain)
    return Contact(
        contact_id,
        version,
        details.what_to_call,
        details.full_name,
        details.email or "",
        details.address_lines,
        details.postcode or "",
        NotifyBy(details.notify_by),
        details.unsafe,
        details.large_print,
    )


def _at(ref: ContactRef | None) -> ContactAt | None:
    return ContactAt(ref.contact_id, ref.version) if ref else None


def _created(news: News, event: Event[referral.ReferralCreated]) -> None:
    _keep(news, event)
    if event.data.route is not Route.SELF:  # the receipt for it was sent, as to everybody who refers themself
        _tell(news, event, Occasion.REFERRAL_CREATED)


def _self_received(news: News, event: Event[referral.SelfReferralReceived]) -> None:
    person = ContactAt(event.data.person.contact_id, event.data.person.version)
    news.referrals.append(Referral(_referral_of(event), "", event.pcn or "", person))
    _tell(news, event, Occasion.REFERRAL_CREATED)


def _declined(news: News, event: Event[referral.ReferralDeclined]) -> None:
    _keep(news, event)
    _tell(news, event, Occasion.REFERRAL_DECLINED)


def _allocated(news: News, event: Event[referral.ReferralAllocated]) -> None:
    _keep(news, event, _at(event.data.link_worker_contact), event.data.referrer_may_follow)
    _tell(news, event, Occasion.REFERRAL_ALLOCATED)


def _prescribed(news: News, event: Event[referral.ActivityPrescribed]) -> None:
    said = event.data
    need, activity = said.reason_group.value, said.activity_id
    news.requests.append(Request(said.prescription_id, said.request_reference, activity, need, said.answer_by))
    _tell(news, event, Occasion.ACTIVITY_PRESCRIBED, said.prescription_id, activity)


Tells = Callable[[News, Event[Any]], None]
OF_REFERRALS: Mapping[type, Tells] = {
    referral.ReferralCreated: _created,
    referral.SelfReferralReceived: _self_received,
    referral.ReferralDeclined: _declined,
    referral.ReferralAllocated: _allocated,
    referral.ActivityPrescribed: _prescribed,
}


def _keep(news: News, event: ReferralEvent, worker: ContactAt | None = None, follows: bool | None = None) -> None:
    said, pcn = event.data, event.pcn or ""
    person = ContactAt(said.person.contact_id, said.person.version)
    known = Referral(_referral_of(event), said.reference, pcn, person, _at(said.referrer), worker, follows)
    news.referrals.append(known)


def _tell(
    news: News,
    event: Event[Any],
    occasion: Occasion,
    request: UUID | None = None,
    activity: UUID | None = None,
    *,
    attended: bool = True,
) -> None:
    about = About(occasion, Audience.PERSON, _referral_of(event), request, activity)
    news.tell(Telling(event.id, about, event.pcn, event.time, event.correlation), attended=attended)


def _referral_of(event: Head) -> UUID:
    """The referral that an event's key names."""
    return UUID(event.key)


def _answered(occasion: Occasion) -> Callable[[News, Event[Any]], None]:
    def tell(news: News, event: Event[PlaceFact]) -> None:
        attended = not isinstance(event.data, place.AttendanceRecorded) or event.data.attended
        _tell(news, event, occasion, event.data.prescription_id, event.data.activity_id, attended=attended)

    return tell


OF_PLACES: Mapping[type, Tells] = {
    place.PlaceAccepted: _answered(Occasion.PLACE_ACCEPTED),
    place.PlaceWaitlisted: _answered(Occasion.PLACE_WAITLISTED),
    place.PlaceDeclined: _answered(Occasion.PLACE_DECLINED),
    place.PersonActionNeeded: _answered(Occasion.PERSON_ACTION_NEEDED),
    place.ReplyOverdue: _answered(Occasion.REPLY_OVERDUE),
    place.AttendanceRecorded: _answered(Occasion.ATTENDANCE_RECORDED),
}


async def hear_of_referrals(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """What became of referrals and of their requests."""
    news, tells = News(), {**OF_REFERRALS, **OF_PLACES}
    for event in events:
        tells[type(event.data)](news, event)
    await hearing.note(tx, news)


def _names(table: Consumers) -> None:
    @table.on(directory.ActivityListed)
    async def on_activity_listed(tx: Tx, event: Event[directory.ActivityListed]) -> None:
        await _listed(tx, event, event.data.activity)

    @table.on(directory.ActivityRevised)
    async def on_activity_revised(tx: Tx, event: Event[directory.ActivityRevised]) -> None:
        await _listed(tx, event, event.data.activity)

    @table.on(directory.ActivityWithdrawn)
    async def on_activity_withdrawn(tx: Tx, event: Event[directory.ActivityWithdrawn]) -> None:
        await _listed(tx, event, event.data.activity)

    @table.on(directory.CapacityStated)
    async def on_capacity_stated(tx: Tx, event: Event[directory.CapacityStated]) -> None:
        # The stream is compacted: this may be the only record of the activity that is left.
        await _listed(tx, event, event.data.activity)

    table.projection("names", streams=[NETWORK_EVENTS], tables=["organisation"])

    @table.on(network.OrganisationListed, into="names")
    async def on_organisation_listed(tx: Tx, event: Event[network.OrganisationListed]) -> None:
        await hearing.hear_organisation(tx, event.data.code, event.data.organisation_name)


async def _listed(tx: Tx, event: Head, said: directory.Activity) -> None:
    await hearing.hear_activity(tx, Activity(UUID(event.key), said.activity_name, _at(said.provider_contact)))
