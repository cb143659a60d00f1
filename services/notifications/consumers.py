"""What notifications does when it hears of something."""

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.notifications.actions import hearing
from services.notifications.domain.contact import Contact, ContactAt, NotifyBy
from services.notifications.domain.preparing import About, Activity, Referral, Request
from services.notifications.domain.telling import Audience, Occasion
from shared.backbone.consumers import Consumers, Tombstone
from shared.events import directory, network, place, referral
from shared.events.contact import ContactDetails, ContactStated
from shared.events.envelope import ContactRef, Event, Head
from shared.events.streams import DIRECTORY_CONTACTS, NETWORK_EVENTS, REFERRAL_CONTACTS, Stream
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
    _referrals(table)
    _places(table)
    _names(table)
    return table


def _contacts(table: Consumers, own: X25519PrivateKey) -> None:
    def hear(stream: Stream) -> None:
        @table.on_contact(stream)
        async def on_contact(tx: Tx, event: Event[ContactStated] | Tombstone) -> None:
            if isinstance(event, Tombstone):
                await hearing.erase_contact(tx, event.contact_id)
            else:
                await hearing.hear_contact(tx, opened(event.data, stream, own))

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


def _referrals(table: Consumers) -> None:
    @table.on(referral.ReferralCreated)
    async def on_referral_created(tx: Tx, event: Event[referral.ReferralCreated]) -> None:
        if event.data.route is Route.SELF:
            await _keep(tx, event)  # the receipt for it was sent, as to everybody who refers themself
        else:
            await _heard(tx, event, Occasion.REFERRAL_CREATED)

    @table.on(referral.SelfReferralReceived)
    async def on_self_referral_received(tx: Tx, event: Event[referral.SelfReferralReceived]) -> None:
        received, to = _referral_of(event), event.data.person
        person = ContactAt(to.contact_id, to.version)
        await hearing.hear_referral(tx, Referral(received, "", event.pcn or "", person))
        about = About(Occasion.REFERRAL_CREATED, Audience.PERSON, received)
        await hearing.tell(tx, event.id, about, pcn=event.pcn, at=event.time)

    @table.on(referral.ReferralDeclined)
    async def on_referral_declined(tx: Tx, event: Event[referral.ReferralDeclined]) -> None:
        await _heard(tx, event, Occasion.REFERRAL_DECLINED)

    @table.on(referral.ReferralAllocated)
    async def on_referral_allocated(tx: Tx, event: Event[referral.ReferralAllocated]) -> None:
        worker, follows = _at(event.data.link_worker_contact), event.data.referrer_may_follow
        await _heard(tx, event, Occasion.REFERRAL_ALLOCATED, worker, follows=follows)

    @table.on(referral.ActivityPrescribed)
    async def on_activity_prescribed(tx: Tx, event: Event[referral.ActivityPrescribed]) -> None:
        said = event.data
        need, activity = said.reason_group.value, said.activity_id
        request = Request(said.prescription_id, said.request_reference, activity, need, said.answer_by)
        await hearing.hear_request(tx, request)
        about = About(
            Occasion.ACTIVITY_PRESCRIBED, Audience.PROVIDER, _referral_of(event), said.prescription_id, activity
        )
        await hearing.tell(tx, event.id, about, pcn=event.pcn, at=event.time)


async def _heard(
    tx: Tx, event: ReferralEvent, occasion: Occasion, worker: ContactAt | None = None, *, follows: bool | None = None
) -> None:
    await _keep(tx, event, worker, follows)
    about = About(occasion, Audience.PERSON, _referral_of(event))
    await hearing.tell(tx, event.id, about, pcn=event.pcn, at=event.time)


async def _keep(tx: Tx, event: ReferralEvent, worker: ContactAt | None = None, follows: bool | None = None) -> None:
    said, pcn = event.data, event.pcn or ""
    person = ContactAt(said.person.contact_id, said.person.version)
    known = Referral(_referral_of(event), said.reference, pcn, person, _at(said.referrer), worker, follows)
    await hearing.hear_referral(tx, known)


def _referral_of(event: Head) -> UUID:
    """The referral that an event's key names."""
    return UUID(event.key)


def _places(table: Consumers) -> None:
    @table.on(place.PlaceAccepted)
    async def on_place_accepted(tx: Tx, event: Event[place.PlaceAccepted]) -> None:
        await _answered(tx, event, event.data, Occasion.PLACE_ACCEPTED)

    @table.on(place.PlaceWaitlisted)
    async def on_place_waitlisted(tx: Tx, event: Event[place.PlaceWaitlisted]) -> None:
        await _answered(tx, event, event.data, Occasion.PLACE_WAITLISTED)

    @table.on(place.PlaceDeclined)
    async def on_place_declined(tx: Tx, event: Event[place.PlaceDeclined]) -> None:
        await _answered(tx, event, event.data, Occasion.PLACE_DECLINED)

    @table.on(place.PersonActionNeeded)
    async def on_person_action_needed(tx: Tx, event: Event[place.PersonActionNeeded]) -> None:
        await _answered(tx, event, event.data, Occasion.PERSON_ACTION_NEEDED)

    @table.on(place.ReplyOverdue)
    async def on_reply_overdue(tx: Tx, event: Event[place.ReplyOverdue]) -> None:
        await _answered(tx, event, event.data, Occasion.REPLY_OVERDUE)

    @table.on(place.AttendanceRecorded)
    async def on_attendance_recorded(tx: Tx, event: Event[place.AttendanceRecorded]) -> None:
        await _answered(tx, event, event.data, Occasion.ATTENDANCE_RECORDED, attended=event.data.attended)


async def _answered(tx: Tx, event: Head, said: PlaceFact, occasion: Occasion, *, attended: bool = True) -> None:
    about = About(occasion, Audience.PERSON, _referral_of(event), said.prescription_id, said.activity_id)
    await hearing.tell(tx, event.id, about, pcn=event.pcn, at=event.time, attended=attended)


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
