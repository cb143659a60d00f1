"""How loaded each link worker is, from the cases they carry now."""

from collections.abc import Collection

from services.referral.domain.allocation import Candidate
from shared.runtime.store import Tx

_CANDIDATES = """
SELECT s.subject, s.name, s.load_limit AS "limit", s.languages, s.last_allocated_at,
       (SELECT min(code) FROM unnest(CAST(:pcns AS text[])) AS code WHERE code = ANY(s.organisations)) AS pcn,
       coalesce(carried.load, 0) AS load, carried.cases,
       EXISTS (SELECT FROM referral r JOIN person p ON p.id = r.person_id
               WHERE r.link_worker = s.subject AND r.status = 'closed' AND p.nhs_number = :nhs_number) AS knows
FROM staff s
CROSS JOIN LATERAL (SELECT sum(r.weight) AS load, count(*) AS cases FROM referral r
                    WHERE r.link_worker = s.subject AND r.status IN ('allocated', 'active')) AS carried
WHERE s.active AND 'link-worker' = ANY(s.roles) AND s.organisations && CAST(:pcns AS text[])
ORDER BY s.name, s.subject
"""
_LOCK = """
SELECT subject FROM staff WHERE organisations && CAST(:pcns AS text[]) AND 'link-worker' = ANY(roles)
ORDER BY subject FOR UPDATE
"""


async def candidates(tx: Tx, pcns: Collection[str], nhs_number: str | None = None) -> list[Candidate]:
    """The link workers of these networks; with the person's NHS number also who supported them before."""
    rows = await tx.rows(_CANDIDATES, pcns=list(pcns), nhs_number=nhs_number)
    return [Candidate(**{**row, "languages": tuple(row["languages"])}) for row in rows]


async def lock_link_workers(tx: Tx, pcns: Collection[str]) -> None:
    """Until the transaction ends nobody else allocates by load here: two at one moment would pick the same person."""
    await tx.rows(_LOCK, pcns=list(pcns))
