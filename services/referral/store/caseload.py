"""All the cases somebody carries, each with the small facts from which what is owed is worked out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from services.referral.domain.owed import CaseFacts, Raised, RequestFacts
from services.referral.domain.person import PersonDetails
from services.referral.domain.prescriptions import RequestState
from services.referral.domain.referral import CARRIED, Referral, ReferralNotFound
from services.referral.store.cases import carried_by
from services.referral.store.people import to_person
from services.referral.store.referrals import to_referral
from services.referral.store.rows import PersonRow, ReferralRow
from shared.runtime.store import Tx

_CONTACT = """
SELECT r.id, (SELECT count(*) FROM contact_attempt a WHERE a.referral_id = r.id) AS attempts,
  (SELECT max(at) FROM contact_attempt a WHERE a.referral_id = r.id) AS last_attempt_at,
  (SELECT min(at) FROM contact_attempt a WHERE a.referral_id = r.id AND outcome = 'reached') AS reached_at,
  (SELECT min(at) FROM session s WHERE s.referral_id = r.id AND state = 'completed') AS met_at,
  (SELECT max(at) FROM session s WHERE s.referral_id = r.id AND state <> 'booked') AS last_session_at,
  (SELECT count(*) FROM session s WHERE s.referral_id = r.id AND state = 'completed') AS held,
  b.at AS booked_at, b.number AS booked_number, b.mode AS booked_mode,
  greatest((SELECT max(at) FROM signpost p WHERE p.referral_id = r.id),
           (SELECT max(at) FROM unmet_need u WHERE u.referral_id = r.id),
           (SELECT max(asked_at) FROM prescription p WHERE p.referral_id = r.id)) AS onward_at
FROM referral r LEFT JOIN session b ON b.referral_id = r.id AND b.state = 'booked'
WHERE r.id = ANY(CAST(:ids AS uuid[]))
"""
_REQUESTS = """
SELECT referral_id, reference, activity_name, state, asked_at, answer_by, coalesce(news_at, asked_at) AS changed_at
FROM prescription WHERE referral_id = ANY(CAST(:ids AS uuid[])) ORDER BY asked_at
"""
_NOTES = """
SELECT n.id, n.referral_id, n.certainty AS about, n.at, n.words FROM referral_note n
WHERE n.referral_id = ANY(CAST(:ids AS uuid[])) AND NOT EXISTS (SELECT 1 FROM looked_at l WHERE l.id = n.id)
ORDER BY n.at
"""
# A person who chose not to be written to is not written to: nobody owes anything for that.
_MESSAGES = """
SELECT m.id, m.referral_id, m.state || ' ' || m.audience AS about, m.at, m.reason AS words FROM case_message m
WHERE m.referral_id = ANY(CAST(:ids AS uuid[]))
  AND (m.state = 'failed' OR m.state = 'withheld' AND m.reason <> 'no-channel')
  AND NOT EXISTS (SELECT 1 FROM looked_at l WHERE l.id = m.id)
ORDER BY m.at
"""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a caseload: whose it is, what stands booked, how many sessions took place, and what may be owed."""

    referral: Referral
    person: PersonDetails
    facts: CaseFacts
    sessions_held: int
    booked_mode: str


Grouped = Mapping[UUID, Sequence[Mapping[str, Any]]]


async def _grouped(tx: Tx, sql: str, ids: Sequence[UUID]) -> Grouped:
    grouped: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await tx.rows(sql, ids=list(ids)):
        grouped[row["referral_id"]].append(dict(row))
    return grouped


def _raised(rows: Sequence[Mapping[str, Any]]) -> tuple[Raised, ...]:
    return tuple(Raised(str(row["id"]), row["about"], row["at"], row["words"]) for row in rows)


def _requests(rows: Sequence[Mapping[str, Any]]) -> tuple[RequestFacts, ...]:
    return tuple(
        RequestFacts(
            reference=row["reference"],
            activity=row["activity_name"],
            state=RequestState(row["state"]),
            asked_at=row["asked_at"],
            answer_by=row["answer_by"],
            changed_at=row["changed_at"],
        )
        for row in rows
    )


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each), default=None)


def _latest(first: datetime, *moments: datetime | None) -> datetime:
    return max([first, *(each for each in moments if each)])


def _facts(referral: Referral, contact: Mapping[str, Any], asked: Grouped, notes: Grouped, lost: Grouped) -> CaseFacts:
    allocated = referral.allocated_at or referral.made_at
    moments = (contact["last_attempt_at"], contact["last_session_at"], contact["onward_at"])
    return CaseFacts(
        allocated_at=allocated,
        reached_at=_earliest(contact["reached_at"], contact["met_at"]),
        attempts=contact["attempts"],
        last_attempt_at=contact["last_attempt_at"],
        booked_at=contact["booked_at"],
        booked_number=contact["booked_number"],
        last_act_at=_latest(allocated, *moments),
        onward_at=contact["onward_at"],
        requests=_requests(asked.get(referral.id, ())),
        same_person=_raised(notes.get(referral.id, ())),
        messages=_raised(lost.get(referral.id, ())),
    )


async def _lines(tx: Tx, *which: ColumnElement[bool]) -> tuple[CaseLine, ...]:
    wanted = (
        select(ReferralRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(ReferralRow.person_id))
        .where(carried_by(tx.actor), *which)
        .order_by(col(ReferralRow.allocated_at), col(ReferralRow.id))
    )
    found = [(to_referral(r), to_person(p).details) for r, p in await tx.session.exec(wanted)]
    ids = [referral.id for referral, _ in found]
    contact = {row["id"]: dict(row) for row in await tx.rows(_CONTACT, ids=ids)}
    asked, notes, lost = [await _grouped(tx, sql, ids) for sql in (_REQUESTS, _NOTES, _MESSAGES)]
    return tuple(
        CaseLine(
            referral=referral,
            person=person,
            facts=_facts(referral, contact[referral.id], asked, notes, lost),
            sessions_held=contact[referral.id]["held"],
            booked_mode=contact[referral.id]["booked_mode"] or "",
        )
        for referral, person in found
    )


async def load_caseload(tx: Tx) -> tuple[CaseLine, ...]:
    """The open cases the caller carries (a link worker) or answers for (a team lead)."""
    return await _lines(tx, col(ReferralRow.status).in_([str(status) for status in CARRIED]))


async def load_line(tx: Tx, reference: str) -> CaseLine:
    """One case of the caller's, open or ended. Raises ReferralNotFound."""
    given = col(ReferralRow.link_worker).is_not(None)
    found = await _lines(tx, col(ReferralRow.reference) == reference, given)
    if not found:
        raise ReferralNotFound
    return found[0]
