"""The operator's door for published files: activities, postcodes, providers' people. An import is whole or is not."""

import asyncio
from typing import Annotated

from fastapi import File, UploadFile

from services.directory.actions.listings import import_activities
from services.directory.actions.people import import_people
from services.directory.actions.postcodes import import_postcodes
from services.directory.imports.listing import ListingRow
from services.directory.imports.open_referral import read_listings
from services.directory.imports.pages import read_services
from services.directory.imports.postcodes import read_postcodes
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.imports import TallyOut
from shared.runtime.actor import Role
from shared.runtime.imports import Parsed
from shared.runtime.sealing import public_key
from shared.runtime.staff_file import read_staff

LARGEST_FEED = 200_000_000
LARGEST_POSTCODES = 400_000_000  # the whole of Great Britain is 130 MB
LARGEST_STAFF = 10_000_000

router = door("directory")


@router.post("/directory/operate/api/activities", dependencies=[allow(Role.OPERATOR)], max_body_size=LARGEST_FEED)
async def take_activities(
    file: Annotated[bytes, File(description="Open Referral UK, an array")], caller: Caller
) -> TallyOut:
    """What the community offers, from an Open Referral UK feed (1.x or 3.0)."""
    feed = await asyncio.to_thread(_listings, file)
    async with caller.transaction() as tx:
        tally = await import_activities(tx, feed, caller.now)
    return TallyOut.of(tally)


def _listings(content: bytes) -> Parsed[ListingRow]:
    return read_listings(read_services(content))


@router.post("/directory/operate/api/postcodes", dependencies=[allow(Role.OPERATOR)], max_body_size=LARGEST_POSTCODES)
async def take_postcodes(
    files: Annotated[list[UploadFile], File(description="Code-Point Open")], caller: Caller
) -> TallyOut:
    """Where postcodes lie, from any number of OS Code-Point Open files."""
    async with caller.transaction() as tx:
        tally = await import_postcodes(tx, (read_postcodes(each.file) for each in files))
    return TallyOut.of(tally)


@router.post("/directory/operate/api/staff", dependencies=[allow(Role.OPERATOR)], max_body_size=LARGEST_STAFF)
async def take_staff(file: Annotated[bytes, File(description="CSV or JSON")], caller: Caller) -> TallyOut:
    """Providers' people; all others of the file are taken in by referral."""
    people, key = await asyncio.to_thread(read_staff, file), public_key(caller.settings.contact_public_key)
    async with caller.transaction() as tx:
        tally = await import_people(tx, people, key, caller.now)
    return TallyOut.of(tally)
