"""A small network for the tests: two networks of invented practices with their staff, and who is asking."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from services.referral.actions.keys import Keys
from services.referral.actions.organisations import import_organisations
from services.referral.imports.rows import Membership, NetworkRow, OrganisationFile, PracticeRow, Standing
from services.referral.store.network_rows import StaffRow
from shared.runtime.actor import Actor, Role, system
from shared.runtime.ids import new_id
from shared.runtime.sealing import new_pair, private_key, public_key
from shared.runtime.store import Store, Tx

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PUBLIC, PRIVATE = new_pair()
KEYS = Keys(person=b"a secret of the tests", contact=public_key(PUBLIC))
OWN = private_key(PRIVATE)
ELM, ASH, OAK, ALONE = "F81001", "F81002", "F81003", "F81004"
NORTH, SOUTH = "U00001", "U00002"


def actor(subject: str, role: Role, *organisations: str) -> Actor:
    return Actor(subject, frozenset({role}), frozenset(organisations), name=subject.title())


REFERRER = actor("rita", Role.REFERRER, ELM)
COLLEAGUE = actor("colin", Role.REFERRER, ASH)
NORTH_LEAD = actor("nora", Role.TEAM_LEAD, NORTH)
SOUTH_LEAD = actor("sol", Role.TEAM_LEAD, SOUTH)
JO = actor("jo", Role.LINK_WORKER, NORTH)
SAM = actor("sam", Role.LINK_WORKER, SOUTH)
PERSON = Actor("public", frozenset({Role.PERSON}))
STAFF = (REFERRER, COLLEAGUE, NORTH_LEAD, SOUTH_LEAD, JO, actor("al", Role.LINK_WORKER, NORTH), SAM)


def practice(code: str, name: str, network: str | None, **changes: Any) -> PracticeRow:
    memberships = (Membership(network, date(2019, 7, 1), None),) if network else ()
    row = {
        "address": ("1 High Street", "Testham"),
        "postcode": "RM17 6AA",
        "phone": "01632 960001",
        "standing": Standing.OPEN,
        "opened": date(1974, 4, 1),
        "closed": None,
        "memberships": memberships,
        **changes,
    }
    return PracticeRow(code=code, name=name, **row)


def network(code: str, name: str) -> NetworkRow:
    return NetworkRow(code, name, "07G", ("2 High Street",), "RM17 6AB", date(2019, 7, 1), None)


def organisations(**changes: Any) -> OrganisationFile:
    practices = (
        practice(ELM, "Elm Surgery", NORTH),
        practice(ASH, "Ash Surgery", NORTH),
        practice(OAK, "Oak Surgery", SOUTH),
        practice(ALONE, "Alone Surgery", None),
    )
    file = {"practices": practices, "networks": (network(NORTH, "North PCN"), network(SOUTH, "South PCN"))}
    return OrganisationFile(**{**file, "rejects": (), **changes})


async def load_network(store: Store) -> None:
    """The organisations through the import itself, and the staff as rows."""
    async with store.transaction(system("referral")) as tx:
        await import_organisations(tx, organisations(), KEYS, AT)
        for member in STAFF:
            row = StaffRow(subject=member.subject, name=member.name, contact_id=new_id())
            row.roles, row.organisations = list(member.roles), list(member.organisations)
            tx.session.add(row)


@dataclass(frozen=True, slots=True)
class Said:
    """One event of the outbox."""

    name: str
    subject: str
    pcn: str | None
    data: dict[str, Any]


async def said(tx: Tx, stream: str = "referral-events") -> Sequence[Said]:
    """What the store has recorded on a stream, in order."""
    rows = await tx.rows("SELECT payload FROM outbox WHERE stream = :stream ORDER BY seq", stream=stream)
    events = [json.loads(row["payload"]) for row in rows]
    return [Said(e["type"].split(".")[1], e["subject"], e.get("pcn"), e["data"]) for e in events]
