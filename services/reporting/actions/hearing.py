"""What reporting does with what it hears: count referrals, and note when each came to each stage."""

from datetime import date, datetime
from uuid import UUID

from services.reporting.domain.measures import AnswerKind
from services.reporting.store import heard
from services.reporting.store.heard import Heard
from shared.runtime.clock import LONDON
from shared.runtime.store import Tx


async def count_referral(
    tx: Tx, referral_id: UUID, at: datetime, *, pcn: str | None, practice: str | None, reason_group: str
) -> None:
    """A referral was made; it counts for the London day it was made on."""
    made_on = at.astimezone(LONDON).date()
    await heard.referral_made(tx, referral_id, made_on, pcn=pcn, practice=practice, reason_group=reason_group)


async def move_referral(tx: Tx, referral_id: UUID, pcn: str) -> None:
    """The referral belongs to a network from now on, wherever it came in."""
    await heard.referral_stands_in(tx, referral_id, pcn)


async def note_reached(tx: Tx, referral_id: UUID, at: datetime) -> None:
    """A link worker reached the person."""
    await heard.person_reached(tx, referral_id, at)


async def note_session(tx: Tx, referral_id: UUID, at: datetime) -> None:
    """A session took place, so the person was reached too."""
    await heard.session_held(tx, referral_id, at)


async def note_asked(tx: Tx, referral_id: UUID, request_id: UUID, at: datetime) -> None:
    """A place was asked for."""
    await heard.request_changed(tx, referral_id, request_id, Heard(asked=at))


async def note_answer(tx: Tx, referral_id: UUID, request_id: UUID, at: datetime, kind: AnswerKind) -> None:
    """The provider answered, for the first time or anew."""
    accepted = at if kind is AnswerKind.ACCEPTED else None
    await heard.request_changed(tx, referral_id, request_id, Heard(answer=kind, answer_at=at, accepted=accepted))


async def note_overdue(tx: Tx, referral_id: UUID, request_id: UUID, at: datetime) -> None:
    """The day to answer by passed in silence."""
    await heard.request_changed(tx, referral_id, request_id, Heard(overdue=at))


async def note_attendance(
    tx: Tx, referral_id: UUID, request_id: UUID, at: datetime, *, held_on: date, attended: bool
) -> None:
    """Whether the person came on a day, or what was said of that day before was wrong."""
    await heard.attendance_said(tx, referral_id, request_id, at, held_on=held_on, attended=attended)


async def note_withdrawn(tx: Tx, referral_id: UUID, request_id: UUID, at: datetime, *, in_error: bool) -> None:
    """The request was taken back; one entered in error never counted."""
    await heard.request_changed(tx, referral_id, request_id, Heard(withdrawn=at, in_error=in_error))


async def name_organisation(tx: Tx, code: str, kind: str, name: str) -> None:
    """A practice or network has this name."""
    await heard.organisation(tx, code, kind, name)
