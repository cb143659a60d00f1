"""Who has an open referral in the network: keyed hashes alone, one open referral to a hash."""

from uuid import UUID

from services.referral.domain.open_referral import Standing
from services.referral.domain.referral import Route, Status
from shared.runtime.store import AnyTx, Tx

_STANDING = """
SELECT r.reference, r.status, r.route, r.practice, coalesce(s.name, '') AS link_worker_name,
       n.name AS team, coalesce(n.phone, '') AS team_phone
FROM referral r LEFT JOIN staff s ON s.subject = r.link_worker LEFT JOIN organisation n ON n.code = r.pcn
WHERE r.id = $1
"""


async def release_person(tx: Tx, referral_id: UUID) -> None:
    """The referral has ended: the person may be referred again."""
    await tx.run("DELETE FROM open_person WHERE referral_id = :id", id=referral_id)


async def standing_of(tx: AnyTx, referral_id: UUID) -> Standing:
    """An open referral whoever it belongs to; the domain decides how much of it is said."""
    row = dict((await tx.fetch(_STANDING, referral_id))[0])
    return Standing(**{**row, "status": Status(row["status"]), "route": Route(row["route"])})
