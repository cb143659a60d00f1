"""Primary care networks and who belongs to them, from the NHS Organisation Data Service's ePCN file."""

import re
from dataclasses import dataclass

from services.referral.imports.cells import day, text
from services.referral.imports.rows import Membership, NetworkRow
from services.referral.imports.sheets import Line, NetworkTables
from services.referral.imports.wording import address_lines, sensible_case, tidy_postcode
from shared.runtime.imports import Parsed, Reject

NETWORK_CODE = re.compile(r"U[0-9]{5}")  # every PCN's code: NHS Digital, "Primary care networks" publication


@dataclass(frozen=True, slots=True)
class Partner:
    """One practice's time in one network, as the file's partners table has it."""

    practice: str
    membership: Membership


def read_partners(tables: NetworkTables, practices: frozenset[str]) -> Parsed[Partner]:
    """The memberships of these practices, by code: the names on the workbook's partners sheet are look-up formulas."""
    known = {text(line["pcn code"]) for line in tables.details}
    seen: set[Partner] = set()
    partners: list[Partner] = []
    rejects: list[Reject] = []
    for line in tables.partners:
        practice = text(line["partner organisation code"])
        if practice not in practices:
            continue
        try:
            partners.append(_partner(line, practice, known, seen))
        except ValueError as reason:
            rejects.append(Reject(line.row, practice, f"membership: {reason}"))
    return Parsed(tuple(partners), tuple(rejects))


def _partner(line: Line, practice: str, known: set[str], seen: set[Partner]) -> Partner:
    code = text(line["pcn code"])
    if not NETWORK_CODE.fullmatch(code):
        raise ValueError(f"“{code}” is not a network code")
    if code not in known:
        raise ValueError(f"network {code} is not in the file")
    starts = day(line["practice to pcn relationship start date"])
    partner = Partner(practice, Membership(code, starts, day(line["practice to pcn relationship end date"])))
    if partner in seen:
        raise ValueError(f"a later row for {practice} in {code}")
    seen.add(partner)
    return partner


def read_networks(tables: NetworkTables, sub_icb: str, joined: frozenset[str]) -> Parsed[NetworkRow]:
    """The networks that the sub-ICB leads, and those led from elsewhere that its practices have joined."""
    rows: dict[str, NetworkRow] = {}
    rejects: list[Reject] = []
    for line in tables.details:
        code = text(line["pcn code"])
        if text(line["pcn sub icb"]) != sub_icb and code not in joined:
            continue
        if tables.details is tables.partners and code in rows:
            continue  # a CSV of the partners table names each network once for every practice in it
        try:
            _take(rows, line, code)
        except ValueError as reason:
            rejects.append(Reject(line.row, code, f"network: {reason}"))
    return Parsed(tuple(rows.values()), tuple(rejects))


def _take(rows: dict[str, NetworkRow], line: Line, code: str) -> None:
    if not NETWORK_CODE.fullmatch(code):
        raise ValueError(f"“{code}” is not a network code")
    if code in rows:
        raise ValueError(f"a later row for {code}")
    name = text(line["pcn name"])
    if not name:
        raise ValueError(f"network {code} has no name")
    rows[code] = NetworkRow(
        code=code,
        name=sensible_case(name),
        lead=text(line["pcn sub icb"]),
        address=address_lines([text(line[f"address line {n}"]) for n in range(1, 6)]),
        postcode=tidy_postcode(text(line["postcode"])),
        opened=day(line["open date"]),
        closed=day(line["close date"]),
    )
