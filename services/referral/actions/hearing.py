"""Take in what other services said: what a group answered, what the community offers, what became of a message."""

from datetime import date, datetime
from uuid import UUID

from services.referral.domain import prescriptions as rules
from services.referral.domain.prescriptions import Absence, Heard
from services.referral.domain.referral import ReferralNotFound
from services.referral.store import requests
from services.referral.store.cases import load_case, referral_exists
from services.referral.store.records import look_at, was_raised
from services.referral.store.request_rows import ActivityRow, CaseMessageRow
from shared.events.directory import Activity
from shared.events.notification import MessageFailed, MessageSent, MessageWithheld
from shared.events.vocabulary import ListingStatus
from shared.runtime.store import Tx

AnyMessage = MessageSent | MessageFailed | MessageWithheld
_SAME = {
    "reference",
    "provider_id",
    "provider_name",
    "area",
    "minimum_age",
    "maximum_age",
    "eligibility",
    "cost_pence",
}


async def hear_of_request(tx: Tx, prescription_id: UUID, heard: Heard) -> None:
    """Move the request as far as the news moves it. Raises PrescriptionNotFound for one we never made."""
    held = await requests.load_prescription(tx, prescription_id)
    requests.add_news(tx, held.id, heard)
    after = rules.hear(held.request, heard)
    if after != held.request:
        await requests.save_request(tx, held, after)


async def hear_of_absence(tx: Tx, prescription_id: UUID, day: date, at: datetime) -> None:
    """The person did not come on that day: kept for the history, and a word that they had come is taken back."""
    held = await requests.load_prescription(tx, prescription_id)
    requests.add_absence(tx, held.id, Absence(day, at))
    heard, absences = await requests.load_news(tx, held.id)
    after = rules.standing(heard, absences)
    if after != held.request:
        await requests.save_request(tx, held, after)


async def hear_of_activity(tx: Tx, id_: UUID, sequence: int, said: Activity, *, withdrawn: bool) -> None:
    """Keep the activity as the directory last described it; `sequence` tells an older description from a newer."""
    status = ListingStatus.INACTIVE if withdrawn and said.status is ListingStatus.ACTIVE else said.status
    same = said.model_dump(include=_SAME)
    row = ActivityRow(
        id=id_,
        sequence=sequence,
        name=said.activity_name,
        needs=list(said.needs),
        days=list(said.days),
        when_text=said.when,
        where_text=said.where,
        accessibility=list(said.accessibility),
        languages=list(said.languages),
        status=status,
        room=said.room.status,
        places=said.room.places,
        room_stated_at=said.room.stated_at,
        **same,
    )
    await requests.keep_activity(tx, row)


async def hear_of_message(tx: Tx, referral_id: UUID, said: AnyMessage, at: datetime, state: str, reason: str) -> None:
    """Keep what became of a message about a case; messages about organisations are not ours to show."""
    if await referral_exists(tx, referral_id):
        row = CaseMessageRow(
            id=said.message_id,
            referral_id=referral_id,
            kind=said.kind,
            audience=said.audience,
            channel=said.channel,
            state=state,
            reason=reason,
            at=at,
        )
        await requests.keep_message(tx, row)


async def dealt_with(tx: Tx, reference: str, raised: UUID, now: datetime) -> None:
    """The link worker has looked at a note or a message of this case. Raises ReferralNotFound for any other."""
    referral = await load_case(tx, reference, change=True)
    if not await was_raised(tx, referral.id, raised):
        raise ReferralNotFound
    await look_at(tx, referral.id, raised, now)
