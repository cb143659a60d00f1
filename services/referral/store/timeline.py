"""Everything that happened on a case, from every table that keeps a part of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.referral.store.network import staff_names
from shared.runtime.store import Tx

_EVERYTHING = """
SELECT 'made' AS kind, made_at AS at, made_by AS by, route AS one, '' AS two, '' AS three FROM referral WHERE id = :id
UNION ALL SELECT 'allocated', allocated_at, '', link_worker, '', '' FROM referral
  WHERE id = :id AND allocated_at IS NOT NULL
UNION ALL SELECT 'contact', at, by, mode, outcome, note FROM contact_attempt WHERE referral_id = :id
UNION ALL SELECT 'session', at, by, state, mode, note FROM session WHERE referral_id = :id AND state <> 'booked'
UNION ALL SELECT 'plan', at, by, version::text, agreed_on::text, '' FROM plan WHERE referral_id = :id
UNION ALL SELECT 'outcome', at, by, stage, skip_reason, '' FROM outcome WHERE referral_id = :id
UNION ALL SELECT 'asked', asked_at, by, activity_name, reference, '' FROM prescription WHERE referral_id = :id
UNION ALL SELECT 'news', n.at, '', n.news, p.activity_name,
    coalesce(nullif(n.reason, ''), n.first_date::text, n.expected::text, '')
  FROM prescription_news n JOIN prescription p ON p.id = n.prescription_id WHERE p.referral_id = :id
UNION ALL SELECT 'signpost', at, by, activity_name, '', '' FROM signpost WHERE referral_id = :id
UNION ALL SELECT 'unmet', at, by, reason_group, cause, '' FROM unmet_need WHERE referral_id = :id
UNION ALL SELECT 'message', at, '', state, audience, reason FROM case_message WHERE referral_id = :id
UNION ALL SELECT 'note', at, '', certainty, words, '' FROM referral_note WHERE referral_id = :id
UNION ALL SELECT 'closed', c.at, c.by, r.closure, c.words, ''
  FROM closing c JOIN referral r ON r.id = c.referral_id WHERE r.id = :id
ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened; what `one`, `two` and `three` hold depends on `kind`. `by` is a name, or nothing."""

    kind: str
    at: datetime
    by: str
    one: str
    two: str
    three: str


async def load_timeline(tx: Tx, referral_id: UUID) -> tuple[Happened, ...]:
    """What happened on a case that the caller has loaded, oldest first."""
    rows = await tx.rows(_EVERYTHING, id=referral_id)
    who = {row["by"] for row in rows} | {row["one"] for row in rows if row["kind"] == "allocated"}
    names = await staff_names(tx, who)
    return tuple(
        Happened(
            kind=row["kind"],
            at=row["at"],
            by=names.get(row["by"], ""),
            one=names.get(row["one"], "") if row["kind"] == "allocated" else row["one"] or "",
            two=row["two"] or "",
            three=row["three"] or "",
        )
        for row in rows
    )
