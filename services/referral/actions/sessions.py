"""Record how a session went, and book the next."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.referral.domain import sessions
from services.referral.domain.case import activated, carried
from services.referral.domain.contacts import ContactMode
from services.referral.domain.owed import london_day
from services.referral.domain.referral import Referral, Status
from services.referral.domain.sessions import Session, SessionState
from services.referral.store.cases import load_case
from services.referral.store.records import load_sessions, save_session
from services.referral.store.referrals import save_referral
from shared.backbone.outbox import record
from shared.events import vocabulary
from shared.events.referral import SessionBooked, SessionCancelled, SessionCompleted, SessionMissed
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Booking:
    """A session to come."""

    at: datetime
    mode: ContactMode


async def record_session(
    tx: Tx,
    reference: str,
    *,
    number: int | None,
    happened: SessionState,
    at: datetime,
    mode: ContactMode,
    note: str,
    then: Booking | None,
    now: datetime,
) -> Session:
    """The session as it went, and the next one booked when `then` says so; `number` None means the next in turn.
    Raises SessionError, NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    taken = await load_sessions(tx, referral.id)
    turn = number if number is not None else sessions.next_number(taken)
    session = sessions.record(taken, turn, happened, at, mode, now, note)
    session_id = await save_session(tx, referral.id, session)
    if session.state is SessionState.COMPLETED and referral.status is not Status.ACTIVE:
        referral = await save_referral(tx, activated(referral))
    await _say(tx, referral, session, session_id, min(at, now))
    if then:
        await _book(tx, referral, sessions.with_session(taken, session), then, now)
    return session


async def book_session(tx: Tx, reference: str, booking: Booking, now: datetime) -> Session:
    """A session booked with the person. Raises SessionError, NotOpen, ReferralNotFound."""
    referral = carried(await load_case(tx, reference, change=True))
    return await _book(tx, referral, await load_sessions(tx, referral.id), booking, now)


async def _book(tx: Tx, referral: Referral, taken: tuple[Session, ...], booking: Booking, now: datetime) -> Session:
    session = sessions.book(taken, booking.at, booking.mode, now)
    session_id = await save_session(tx, referral.id, session)
    mode = vocabulary.ContactMode(session.mode)
    fact = SessionBooked(session_id=session_id, starts_at=session.at, mode=mode)
    await record(tx, fact, subject=referral.id, key=referral.id, time=now, pcn=referral.pcn)
    return session


async def _say(tx: Tx, referral: Referral, session: Session, session_id: UUID, time: datetime) -> None:
    fact = _fact(session, session_id)
    await record(tx, fact, subject=referral.id, key=referral.id, time=time, pcn=referral.pcn)


def _fact(session: Session, session_id: UUID) -> SessionCompleted | SessionMissed | SessionCancelled:
    held_on = london_day(session.at)
    if session.held is not None:
        mode = vocabulary.ContactMode(session.mode)
        return SessionCompleted(session_id=session_id, number=session.held, held_on=held_on, mode=mode)
    if session.state is SessionState.MISSED:
        return SessionMissed(session_id=session_id, held_on=held_on)
    return SessionCancelled(session_id=session_id, held_on=held_on)
