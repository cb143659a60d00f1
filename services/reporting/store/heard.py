"""Keeping what is heard, so that the same facts in any order, once or twice, leave the same rows."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from services.reporting.domain.measures import AnswerKind
from services.reporting.store.rows import OrganisationRow
from shared.runtime.store import Tx

_MADE = """
INSERT INTO referral AS held (referral_id, made_on, pcn, practice, reason_group)
VALUES (:referral_id, :made_on, :pcn, :practice, :reason_group)
ON CONFLICT (referral_id) DO UPDATE
SET made_on = excluded.made_on, practice = excluded.practice, reason_group = excluded.reason_group,
    pcn = coalesce(held.pcn, excluded.pcn)
"""
_MOVED = """
INSERT INTO referral AS held (referral_id, pcn) VALUES (:referral_id, :pcn)
ON CONFLICT (referral_id) DO UPDATE SET pcn = excluded.pcn
"""
# LEAST passes over NULL: the first time stays the first, whichever event comes first.
_REACHED = """
INSERT INTO referral AS held (referral_id, reached) VALUES (:referral_id, :at)
ON CONFLICT (referral_id) DO UPDATE SET reached = LEAST(held.reached, excluded.reached)
"""
_SESSION = """
INSERT INTO referral AS held (referral_id, reached, session) VALUES (:referral_id, :at, :at)
ON CONFLICT (referral_id) DO UPDATE
SET session = LEAST(held.session, excluded.session), reached = LEAST(held.reached, excluded.reached)
"""
_REQUEST = """
INSERT INTO request AS held (request_id, referral_id, asked, answered, answer, answer_at, overdue, accepted, withdrawn,
                             in_error)
VALUES (:request_id, :referral_id, :asked, :answer_at, :answer, :answer_at, :overdue, :accepted, :withdrawn, :in_error)
ON CONFLICT (request_id) DO UPDATE
SET asked = LEAST(held.asked, excluded.asked), answered = LEAST(held.answered, excluded.answered),
    answer = CASE WHEN held.answer_at IS NULL OR excluded.answer_at >= held.answer_at
                  THEN coalesce(excluded.answer, held.answer) ELSE held.answer END,
    answer_at = GREATEST(held.answer_at, excluded.answer_at), overdue = LEAST(held.overdue, excluded.overdue),
    accepted = LEAST(held.accepted, excluded.accepted),
    withdrawn = LEAST(held.withdrawn, excluded.withdrawn), in_error = held.in_error OR excluded.in_error
"""
# The last word for a day stands; what was said of other days is not touched by it.
_CAME = """
INSERT INTO attendance AS held (request_id, held_on, attended, said_at)
VALUES (:request_id, :held_on, :attended, :at)
ON CONFLICT (request_id, held_on) DO UPDATE SET attended = excluded.attended, said_at = excluded.said_at
WHERE (excluded.said_at, excluded.attended) > (held.said_at, held.attended)
"""
_ATTENDED = """
UPDATE request SET attended = (SELECT min(said_at) FROM attendance a WHERE a.request_id = :request_id AND a.attended)
WHERE request_id = :request_id
"""
_ROLL_UP = """
INSERT INTO referral AS held (referral_id, prescribed, answered, accepted, attended)
SELECT CAST(:referral_id AS uuid), min(asked), min(answered), min(accepted), min(attended)
FROM request WHERE referral_id = :referral_id AND NOT in_error
ON CONFLICT (referral_id) DO UPDATE
SET prescribed = excluded.prescribed, answered = excluded.answered, accepted = excluded.accepted,
    attended = excluded.attended
"""
_TURN = "SELECT pg_advisory_xact_lock(hashtext('kith-reporting-hearing'))"


async def _take_turn(tx: Tx) -> None:
    """Until the batch ends nobody else writes: two streams tell of one referral, and each would sum up without what the
    other has not committed, or wait for a row that the other holds."""
    await tx.run(_TURN)


async def referral_made(
    tx: Tx, referral_id: UUID, made_on: date, *, pcn: str | None, practice: str | None, reason_group: str
) -> None:
    """A referral was made; where it stands now (`pcn`) is kept when a later event said so already."""
    await _take_turn(tx)
    await tx.run(_MADE, referral_id=referral_id, made_on=made_on, pcn=pcn, practice=practice, reason_group=reason_group)


async def referral_stands_in(tx: Tx, referral_id: UUID, pcn: str) -> None:
    """The network a referral belongs to since it was allocated."""
    await _take_turn(tx)
    await tx.run(_MOVED, referral_id=referral_id, pcn=pcn)


async def person_reached(tx: Tx, referral_id: UUID, at: datetime) -> None:
    """A link worker reached the person."""
    await _take_turn(tx)
    await tx.run(_REACHED, referral_id=referral_id, at=at)


async def session_held(tx: Tx, referral_id: UUID, at: datetime) -> None:
    """A session took place, so the person was reached."""
    await _take_turn(tx)
    await tx.run(_SESSION, referral_id=referral_id, at=at)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one event says of a request; what it is silent about stays None."""

    asked: datetime | None = None
    answer: AnswerKind | None = None
    answer_at: datetime | None = None
    overdue: datetime | None = None
    accepted: datetime | None = None
    withdrawn: datetime | None = None
    in_error: bool = False


async def request_changed(tx: Tx, referral_id: UUID, request_id: UUID, said: Heard) -> None:
    """Something was heard of a request; its referral's stages follow."""
    await _take_turn(tx)
    await tx.run(_REQUEST, request_id=request_id, referral_id=referral_id, **asdict(said))
    await tx.run(_ROLL_UP, referral_id=referral_id)


async def attendance_said(
    tx: Tx, referral_id: UUID, request_id: UUID, at: datetime, *, held_on: date, attended: bool
) -> None:
    """Whether the person came on a day. Who came had a place, whether or not anybody said so."""
    await _take_turn(tx)
    await tx.run(_CAME, request_id=request_id, held_on=held_on, attended=attended, at=at)
    said = Heard(accepted=at if attended else None)
    await tx.run(_REQUEST, request_id=request_id, referral_id=referral_id, **asdict(said))
    await tx.run(_ATTENDED, request_id=request_id)
    await tx.run(_ROLL_UP, referral_id=referral_id)


async def organisation(tx: Tx, code: str, kind: str, name: str) -> None:
    """A practice's or network's name."""
    await tx.session.merge(OrganisationRow(code=code, kind=kind, name=name))
