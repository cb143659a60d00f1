"""The people who refer, carry and lead come from the operator's staff file; a second run changes nothing."""

from collections.abc import Collection
from datetime import datetime

from services.referral.actions.keys import Keys
from services.referral.actions.reachable import state_staff
from services.referral.store.organisations import known_organisations
from services.referral.store.staff import Member, known_staff, write_member
from shared.runtime.actor import Role
from shared.runtime.imports import Parsed, Reject, Tally
from shared.runtime.staff_file import StaffRow
from shared.runtime.store import Tx

OURS = frozenset({Role.REFERRER, Role.LINK_WORKER, Role.TEAM_LEAD})


async def import_staff(tx: Tx, file: Parsed[StaffRow], keys: Keys, at: datetime) -> Tally:
    """Take in the referrers, link workers and team leads; providers' people are the directory's, and not read here.

    Nobody is taken in for an organisation that we do not hold: they would see nothing and not know why.
    """
    known, organisations = await known_staff(tx), (await known_organisations(tx)).keys()
    tally = Tally(rejects=list(file.rejects))
    for row in file.rows:
        if row.role not in OURS:
            continue
        if missing := _missing(row, organisations):
            tally.rejects.append(Reject(row.row, row.subject, f"we hold no organisation {missing}"))
            continue
        await _take(tx, row, known.get(row.subject), tally, keys, at)
    return tally


def _missing(row: StaffRow, organisations: Collection[str]) -> str:
    return ", ".join(code for code in row.organisations if code not in organisations)


async def _take(tx: Tx, row: StaffRow, before: Member | None, tally: Tally, keys: Keys, at: datetime) -> None:
    member = Member(row.subject, row.name, frozenset({row.role}), frozenset(row.organisations), row.email, row.phone)
    if before == member:
        tally.unchanged += 1
        return
    await state_staff(tx, await write_member(tx, member), keys, at)
    tally.added, tally.changed = tally.added + (before is None), tally.changed + (before is not None)
