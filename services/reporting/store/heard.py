"""Keeping what is heard, a batch at a time, so that the same facts in any order, once or twice, leave the same rows."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.reporting.domain.news import Asked, Came, Made, Moved, Named, Reached
from shared.runtime.store import Tx

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# `place` is the order in which a batch was heard: of two that a row could take, the later stands.
_MADE = """
INSERT INTO referral AS held (referral_id, made_on, pcn, practice, reason_group)
SELECT DISTINCT ON (referral_id) referral_id, made_on, pcn, practice, reason_group
FROM unnest(CAST(:referral_id AS uuid[]), CAST(:made_on AS date[]), CAST(:pcn AS text[]), CAST(:practice AS text[]),
            CAST(:reason_group AS text[]))
    WITH ORDINALITY AS e (referral_id, made_on, pcn, practice, reason_group, place)
ORDER BY referral_id, place DESC
ON CONFLICT (referral_id) DO UPDATE
SET made_on = excluded.made_on, practice = excluded.practice, reason_group = excluded.reason_group,
    pcn = coalesce(held.pcn, excluded.pcn)
"""
_MOVED = """
INSERT INTO referral AS held (referral_id, pcn)
SELECT DISTINCT ON (referral_id) referral_id, pcn
FROM unnest(CAST(:referral_id AS uuid[]), CAST(:pcn AS text[])) WITH ORDINALITY AS e (referral_id, pcn, place)
ORDER BY referral_id, place DESC
ON CONFLICT (referral_id) DO UPDATE SET pcn = excluded.pcn
"""
# LEAST passes over NULL: the first time stays the first, whichever event comes first.
_REACHED = """
INSERT INTO referral AS held (referral_id, reached, session)
SELECT referral_id, min(at), min(at) FILTER (WHERE session)
FROM unnest(CAST(:referral_id AS uuid[]), CAST(:at AS timestamptz[]), CAST(:session AS bool[]))
    AS e (referral_id, at, session)
GROUP BY referral_id ORDER BY referral_id
ON CONFLICT (referral_id) DO UPDATE
SET session = LEAST(held.session, excluded.session), reached = LEAST(held.reached, excluded.reached)
"""
_REQUEST = """
INSERT INTO request AS held (request_id, referral_id, asked, answered, answer, answer_at, overdue, accepted, withdrawn,
                             in_error)
SELECT request_id, (array_agg(referral_id ORDER BY place))[1], min(asked), min(answer_at),
       (array_agg(answer ORDER BY answer_at DESC, place DESC) FILTER (WHERE answer IS NOT NULL))[1],
       max(answer_at), min(overdue), min(accepted), min(withdrawn), bool_or(in_error)
FROM unnest(CAST(:request_id AS uuid[]), CAST(:referral_id AS uuid[]), CAST(:asked AS timestamptz[]),
            CAST(:answer AS text[]), CAST(:answer_at AS timestamptz[]), CAST(:overdue AS timestamptz[]),
            CAST(:accepted AS timestamptz[]), CAST(:withdrawn AS timestamptz[]), CAST(:in_error AS bool[]))
    WITH ORDINALITY
    AS e (request_id, referral_id, asked, answer, answer_at, overdue, accepted, withdrawn, in_error, place)
GROUP BY request_id ORDER BY request_id
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
SELECT DISTINCT ON (request_id, held_on) request_id, held_on, attended, said_at
FROM unnest(CAST(:request_id AS uuid[]), CAST(:held_on AS date[]), CAST(:attended AS bool[]),
            CAST(:said_at AS timestamptz[])) AS e (request_id, held_on, attended, said_at)
ORDER BY request_id, held_on, said_at DESC, attended DESC
ON CONFLICT (request_id, held_on) DO UPDATE SET attended = excluded.attended, said_at = excluded.said_at
WHERE (excluded.said_at, excluded.attended) > (held.said_at, held.attended)
"""
_ATTENDED = """
UPDATE request r
SET attended = (SELECT min(said_at) FROM attendance a WHERE a.request_id = r.request_id AND a.attended)
WHERE request_id = ANY(CAST(:requests AS uuid[]))
"""
_ROLL_UP = """
INSERT INTO referral AS held (referral_id, prescribed, answered, accepted, attended)
SELECT e.referral_id, min(asked), min(answered), min(accepted), min(attended)
FROM unnest(CAST(:referrals AS uuid[])) AS e (referral_id)
    LEFT JOIN request r ON r.referral_id = e.referral_id AND NOT in_error
GROUP BY e.referral_id ORDER BY e.referral_id
ON CONFLICT (referral_id) DO UPDATE
SET prescribed = excluded.prescribed, answered = excluded.answered, accepted = excluded.accepted,
    attended = excluded.attended
"""
_NAMED = """
INSERT INTO organisation (code, kind, name)
SELECT DISTINCT ON (code) code, kind, name
FROM unnest(CAST(:code AS text[]), CAST(:kind AS text[]), CAST(:name AS text[]))
    WITH ORDINALITY AS e (code, kind, name, place)
ORDER BY code, place DESC
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name
"""
_TURN = "SELECT pg_advisory_xact_lock(hashtext('kith-reporting-hearing'))"


def _columns(said: Sequence["DataclassInstance"]) -> dict[str, list[Any]]:
    """The values of each field, in one order."""
    return {each.name: [getattr(one, each.name) for one in said] for each in fields(said[0])}


async def _keep(tx: Tx, sql: str, said: Sequence["DataclassInstance"]) -> None:
    if said:
        await tx.run(sql, **_columns(said))


async def take_turn(tx: Tx) -> None:
    """Until the batch ends nobody else writes: two streams tell of one referral, and each would sum up without what the
    other has not committed, or wait for a row that the other holds."""
    await tx.run(_TURN)


async def referrals_made(tx: Tx, said: Sequence[Made]) -> None:
    """Referrals were made; where each stands now (`pcn`) is kept when a later event said so already."""
    await _keep(tx, _MADE, said)


async def referrals_moved(tx: Tx, said: Sequence[Moved]) -> None:
    """The network each referral belongs to since it was allocated."""
    await _keep(tx, _MOVED, said)


async def persons_reached(tx: Tx, said: Sequence[Reached]) -> None:
    """Link workers reached persons, first or again."""
    await _keep(tx, _REACHED, said)


async def requests_changed(tx: Tx, said: Sequence[Asked]) -> None:
    """Things were heard of requests; `roll_up` lets their referrals follow."""
    await _keep(tx, _REQUEST, said)


async def attendances_said(tx: Tx, said: Sequence[Came]) -> None:
    """Whether persons came on the days; the requests must be known."""
    await _keep(tx, _CAME, said)
    if said:
        await tx.run(_ATTENDED, requests=list({one.request_id for one in said}))


async def roll_up(tx: Tx, referrals: Collection[UUID]) -> None:
    """The stages that these referrals have come to by their requests."""
    if referrals:
        await tx.run(_ROLL_UP, referrals=list(referrals))


async def organisations_named(tx: Tx, said: Sequence[Named]) -> None:
    """The names of practices and networks."""
    await _keep(tx, _NAMED, said)
