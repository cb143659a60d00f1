"""The files of the carried borough, taken in by the same readers and actions as `kith import` uses."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.embedded.living.lives import Surgery
from services.directory.actions.listings import import_activities
from services.directory.actions.people import import_people
from services.directory.actions.postcodes import import_postcodes
from services.directory.imports.open_referral import read_listings
from services.directory.imports.postcodes import read_postcodes
from services.referral.actions.keys import Keys
from services.referral.actions.organisations import import_organisations
from services.referral.actions.staff import import_staff
from services.referral.imports.organisations import read_organisations
from shared.runtime.actor import system
from shared.runtime.imports import Parsed
from shared.runtime.staff_file import StaffRow, read_staff
from shared.runtime.store import Store

NETWORK = Path(__file__).parents[1] / "network"
SUB_ICB = "X90"
STATED_AS_AT = date(2026, 11, 20)
"""The day on which `activities.json` was written; what it says of room and assurance is as old as then."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where they lie."""

    folder: Path = NETWORK

    def staff(self) -> Parsed[StaffRow]:
        return read_staff((self.folder / "staff.csv").read_bytes())

    def surgeries(self) -> list[Surgery]:
        """The practices whose people may log in, each with its outward postcode."""
        read = read_organisations(*self._organisations(), SUB_ICB)
        named = {code for row in self.staff().rows for code in row.organisations}
        return [Surgery(each.code, each.postcode.split()[0]) for each in read.practices if each.code in named]

    def activities(self, today: date) -> list[dict[str, Any]]:
        """With every date as far back from today as it was from the day of writing."""
        listed: list[dict[str, Any]] = json.loads((self.folder / "activities.json").read_text())
        moved = today - STATED_AS_AT
        return [_moved(each, moved) for each in listed]

    def _organisations(self) -> tuple[bytes, bytes]:
        return (self.folder / "practices.csv").read_bytes(), (self.folder / "networks.csv").read_bytes()

    async def into_referral(self, store: Store, keys: Keys, at: datetime) -> str:
        """Practices, networks and staff; what was taken in, in words."""
        file = read_organisations(*self._organisations(), SUB_ICB)
        async with store.transaction(system("referral")) as tx:
            organisations = await import_organisations(tx, file, keys, at)
            staff = await import_staff(tx, self.staff(), keys, at)
        return f"{organisations.read} practices and networks, {staff.read} people who work with them"

    async def into_directory(self, store: Store, keys: Keys, at: datetime) -> str:
        """Postcodes, activities and the groups' people; what was taken in, in words."""
        async with store.transaction(system("directory")) as tx:
            with (self.folder / "postcodes.csv").open("rb") as source:
                postcodes = await import_postcodes(tx, [read_postcodes(source)])
            listings = await import_activities(tx, read_listings(self.activities(at.date())), at)
            people = await import_people(tx, self.staff(), keys.contact, at)
        return f"{postcodes.read:,} postcodes, {listings.read} activities, {people.read} people who run them"


def _moved(listing: dict[str, Any], by: timedelta) -> dict[str, Any]:
    """A listing with its own dates moved; dates inside its schedules stay, as they are days of the week."""
    shifted = dict(listing)
    for name in ("assured_date", "last_modified"):
        if name in shifted:
            shifted[name] = _later(shifted[name], by)
    if "updated" in (room := shifted.get("capacity") or {}):
        shifted["capacity"] = {**room, "updated": _later(room["updated"], by)}
    return shifted


def _later(stated: str, by: timedelta) -> str:
    day, _, rest = stated.partition("T")
    moved = (date.fromisoformat(day) + by).isoformat()
    return f"{moved}T{rest}" if rest else moved
