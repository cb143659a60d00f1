"""Take in what other services said: what a group answered, what the community offers, what became of a message."""

from datetime import date, datetime
from uuid import UUID

from services.referral.domain import prescriptions as rules
from services.referral.domain.prescriptions import Absence, Heard
from services.referral.store import requests
from services.referral.store.cases import load_case, referral_exists
from services.referral.store.records import look_at
from services.referral.store.request_rows import ActivityRow, CaseMessageRow
from shared.runtime.store import Tx


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


async def hear_of_activity(tx: Tx, activity: ActivityRow) -> None:
    """Keep the activity as the directory last described it."""
    await requests.keep_activity(tx, activity)


async def hear_of_message(tx: Tx, message: CaseMessageRow) -> None:
    """Keep what became of a message about a case; messages about organisations are not ours to show."""
    if await referral_exists(tx, message.referral_id):
        await requests.keep_message(tx, message)


async def dealt_with(tx: Tx, reference: str, raised: UUID, now: datetime) -> None:
    """The link worker has looked at a note or a message of this case. Raises ReferralNotFound."""
    referral = await load_case(tx, reference, change=True)
    await look_at(tx, referral.id, raised, now)
