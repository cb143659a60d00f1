"""Words that reached an open referral from outside the case, for whoever carries it to see."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from services.referral.store.rows import ReferralNoteRow
from shared.runtime.ids import new_id
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Note:
    """`certain` is False where only name, birth date and postcode match: it may be somebody else. `contact` is where
    the receipt for it went, to be erased with the referral."""

    at: datetime
    certain: bool
    words: str
    contact: UUID | None = None


def add_note(tx: Tx, referral_id: UUID, note: Note) -> None:
    certainty = "is" if note.certain else "may-be"
    row = ReferralNoteRow(id=new_id(), referral_id=referral_id, at=note.at, certainty=certainty, words=note.words)
    row.contact_id = note.contact
    tx.session.add(row)


async def notes_of(tx: Tx, referral_id: UUID) -> list[Note]:
    """The notes on a referral that the caller has loaded, newest first."""
    wanted = select(ReferralNoteRow).where(ReferralNoteRow.referral_id == referral_id)
    rows = (await tx.session.exec(wanted.order_by(col(ReferralNoteRow.at).desc()))).all()
    return [Note(row.at, row.certainty == "is", row.words, row.contact_id) for row in rows]
