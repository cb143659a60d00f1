"""Who has an open referral in the network: keyed hashes alone, one open referral to a hash."""

from collections.abc import Iterable
from uuid import UUID

from services.referral.domain.matching import OpenEntry, PersonKeys
from services.referral.domain.open_referral import Standing
from services.referral.domain.referral import Route, Status
from services.referral.store.rows import OpenPersonRow
from shared.runtime.store import Tx

_LOCK = "SELECT pg_advisory_xact_lock(:key)"
_HELD = """
SELECT o.hash, o.referral_id,
       EXISTS (SELECT FROM open_person n WHERE n.referral_id = o.referral_id AND n.kind = 'nhs') AS numbered
FROM open_person o WHERE o.hash = ANY(CAST(:hashes AS bytea[])) ORDER BY o.referral_id
"""
_STANDING = """
SELECT r.reference, r.status, r.route, r.practice, coalesce(s.name, '') AS link_worker_name,
       n.name AS team, coalesce(n.phone, '') AS team_phone
FROM referral r LEFT JOIN staff s ON s.subject = r.link_worker LEFT JOIN organisation n ON n.code = r.pcn
WHERE r.id = :id
"""


async def entries_for(tx: Tx, keys: PersonKeys) -> list[OpenEntry]:
    """Who holds the person's keys now. Until the transaction ends nobody else may ask about the same person, so that
    two referrals made at one moment cannot both find nothing."""
    asked = [key for key in (keys.nhs, keys.demographics[0]) if key]
    for lock in sorted(int.from_bytes(key[:8], signed=True) for key in asked):
        await tx.rows(_LOCK, key=lock)
    return [OpenEntry(**row) for row in await tx.rows(_HELD, hashes=list(keys.all))]


def add_entries(tx: Tx, referral_id: UUID, keys: PersonKeys, hashes: Iterable[bytes]) -> None:
    """Note the open referral under its keys; the primary key stands behind the lock."""
    for hashed in hashes:
        kind = "nhs" if hashed == keys.nhs else "demographics"
        tx.session.add(OpenPersonRow(hash=hashed, kind=kind, referral_id=referral_id))


async def release_person(tx: Tx, referral_id: UUID) -> None:
    """The referral has ended: the person may be referred again."""
    await tx.run("DELETE FROM open_person WHERE referral_id = :id", id=referral_id)


async def standing_of(tx: Tx, referral_id: UUID) -> Standing:
    """An open referral whoever it belongs to; the domain decides how much of it is said."""
    row = dict((await tx.rows(_STANDING, id=referral_id))[0])
    return Standing(**{**row, "status": Status(row["status"]), "route": Route(row["route"])})
