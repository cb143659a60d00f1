"""The operator's door for published files: the network's organisations, and its staff. An import is whole or is not."""

import asyncio
from typing import Annotated

from fastapi import File, Form

from services.referral.actions.keys import keys_from
from services.referral.actions.organisations import import_organisations
from services.referral.actions.staff import import_staff
from services.referral.imports.organisations import read_organisations
from services.referral.store.organisations import known_organisations
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.imports import TallyOut
from shared.runtime.actor import Role
from shared.runtime.staff_file import read_staff

LARGEST_FILES = 40_000_000  # epraccur is 3 MB, and the whole country's may grow

router = door("referral")


@router.post(
    "/referral/operate/api/organisations",
    dependencies=[allow(Role.OPERATOR)],
    max_body_size=LARGEST_FILES,
)
async def take_organisations(
    practices: Annotated[bytes, File(description="epraccur.csv")],
    networks: Annotated[bytes, File(description="ePCN.xlsx, or a CSV of its partners sheet")],
    sub_icb: Annotated[str, Form(max_length=10)],
    caller: Caller,
) -> TallyOut:
    """Practices and primary care networks of one sub-ICB, from the two published files."""
    async with caller.transaction() as tx:
        known = frozenset(await known_organisations(tx))
        file = await asyncio.to_thread(read_organisations, practices, networks, sub_icb, known)
        tally = await import_organisations(tx, file, keys_from(caller.settings), caller.now)
    return TallyOut.of(tally)


@router.post(
    "/referral/operate/api/staff",
    dependencies=[allow(Role.OPERATOR)],
    max_body_size=LARGEST_FILES,
)
async def take_staff(file: Annotated[bytes, File(description="CSV or JSON")], caller: Caller) -> TallyOut:
    """Referrers, link workers and team leads; providers' people are taken in by the directory."""
    people = await asyncio.to_thread(read_staff, file)
    async with caller.transaction() as tx:
        tally = await import_staff(tx, people, keys_from(caller.settings), caller.now)
    return TallyOut.of(tally)
