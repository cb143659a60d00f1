"""What reporting does when it hears of something."""

from uuid import UUID

from services.reporting.actions import hearing
from services.reporting.domain.measures import AnswerKind
from shared.backbone.consumers import Consumers
from shared.events import network, place, referral
from shared.events.envelope import Event, Head
from shared.events.vocabulary import ContactOutcome, WithdrawalReason
from shared.runtime.store import Tx

Answered = place.PlaceAccepted | place.PlaceWaitlisted | place.PlaceDeclined | place.PersonActionNeeded


def consumers() -> Consumers:
    """The dispatch table."""
    table = Consumers("reporting")
    _referrals(table)
    _requests(table)
    _answers(table)
    return table


def _referral_of(event: Head) -> UUID:
    """The referral that an event's key names."""
    return UUID(event.key)


def _referrals(table: Consumers) -> None:
    @table.on(referral.ReferralCreated)
    async def on_referral_created(tx: Tx, event: Event[referral.ReferralCreated]) -> None:
        said, group = event.data, event.data.reason_group.value
        await hearing.count_referral(
            tx, _referral_of(event), event.time, pcn=event.pcn, practice=said.practice, reason_group=group
        )

    @table.on(referral.ReferralAllocated)
    async def on_referral_allocated(tx: Tx, event: Event[referral.ReferralAllocated]) -> None:
        if event.pcn:
            await hearing.move_referral(tx, _referral_of(event), event.pcn)

    @table.on(referral.ContactAttempted)
    async def on_contact_attempted(tx: Tx, event: Event[referral.ContactAttempted]) -> None:
        if event.data.outcome is ContactOutcome.REACHED:
            await hearing.note_reached(tx, _referral_of(event), event.time)

    @table.on(referral.SessionCompleted)
    async def on_session_completed(tx: Tx, event: Event[referral.SessionCompleted]) -> None:
        await hearing.note_session(tx, _referral_of(event), event.time)


def _requests(table: Consumers) -> None:
    @table.on(referral.ActivityPrescribed)
    async def on_activity_prescribed(tx: Tx, event: Event[referral.ActivityPrescribed]) -> None:
        await hearing.note_asked(tx, _referral_of(event), event.data.prescription_id, event.time)

    @table.on(referral.PrescriptionWithdrawn)
    async def on_prescription_withdrawn(tx: Tx, event: Event[referral.PrescriptionWithdrawn]) -> None:
        in_error = event.data.reason is WithdrawalReason.ENTERED_IN_ERROR
        request = event.data.prescription_id
        await hearing.note_withdrawn(tx, _referral_of(event), request, event.time, in_error=in_error)

    @table.on(place.ReplyOverdue)
    async def on_reply_overdue(tx: Tx, event: Event[place.ReplyOverdue]) -> None:
        await hearing.note_overdue(tx, _referral_of(event), event.data.prescription_id, event.time)

    @table.on(place.AttendanceRecorded)
    async def on_attendance_recorded(tx: Tx, event: Event[place.AttendanceRecorded]) -> None:
        said, at = event.data, event.time
        await hearing.note_attendance(
            tx, _referral_of(event), said.prescription_id, at, held_on=said.held_on, attended=said.attended
        )

    @table.on(network.OrganisationListed)
    async def on_organisation_listed(tx: Tx, event: Event[network.OrganisationListed]) -> None:
        said = event.data
        await hearing.name_organisation(tx, said.code, said.kind.value, said.organisation_name)


def _answers(table: Consumers) -> None:
    async def answered(tx: Tx, event: Head, said: Answered, kind: AnswerKind) -> None:
        await hearing.note_answer(tx, _referral_of(event), said.prescription_id, event.time, kind)

    @table.on(place.PlaceAccepted)
    async def on_place_accepted(tx: Tx, event: Event[place.PlaceAccepted]) -> None:
        await answered(tx, event, event.data, AnswerKind.ACCEPTED)

    @table.on(place.PlaceWaitlisted)
    async def on_place_waitlisted(tx: Tx, event: Event[place.PlaceWaitlisted]) -> None:
        await answered(tx, event, event.data, AnswerKind.WAITLISTED)

    @table.on(place.PlaceDeclined)
    async def on_place_declined(tx: Tx, event: Event[place.PlaceDeclined]) -> None:
        await answered(tx, event, event.data, AnswerKind.DECLINED)

    @table.on(place.PersonActionNeeded)
    async def on_person_action_needed(tx: Tx, event: Event[place.PersonActionNeeded]) -> None:
        await answered(tx, event, event.data, AnswerKind.ASKED_PERSON)
