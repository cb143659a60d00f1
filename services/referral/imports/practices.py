"""GP practices from the NHS Organisation Data Service's epraccur file (27 columns, no header row)."""

import re
from dataclasses import dataclass

from services.referral.imports.cells import csv_rows, day
from services.referral.imports.rows import PracticeRow, Standing
from services.referral.imports.wording import address_lines, sensible_case, tidy_postcode
from shared.runtime.imports import Parsed, Reject, UnreadableFile

# Where epraccur keeps what we use, and its codes (ODS, "GP and GP practice related data" file definitions).
CODE, NAME, ADDRESS, POSTCODE, OPENED, CLOSED, STATUS, SUB_ICB, PHONE, SETTING = (
    0,
    1,
    slice(4, 9),
    9,
    10,
    11,
    12,
    14,
    17,
    25,
)
GP_PRACTICE = "4"
STANDINGS = {"A": Standing.OPEN, "D": Standing.DORMANT, "C": Standing.CLOSED}


@dataclass(frozen=True, slots=True)
class NumberedPractice:
    """A practice and the row of the file it stands in, for a later reject."""

    row: int
    practice: PracticeRow


def read_practices(content: bytes, sub_icb: str) -> Parsed[NumberedPractice]:
    """The sub-ICB's GP practices; walk-in centres, hubs and clinics are out of scope, so not read."""
    table = csv_rows(content, "practices")
    if not any(len(cells) > SETTING for cells in table):
        raise UnreadableFile("The practices file has too few columns to be the epraccur file.")
    rows: dict[str, NumberedPractice] = {}
    rejects: list[Reject] = []
    for number, cells in enumerate(table, start=1):
        if not _in_scope(cells, sub_icb):
            continue
        try:
            _take(rows, number, cells)
        except ValueError as reason:
            rejects.append(Reject(number, cells[CODE] if cells else "", str(reason)))
    if not rows and not rejects:
        raise UnreadableFile(f"No GP practice in the practices file belongs to sub-ICB {sub_icb}.")
    return Parsed(tuple(rows.values()), tuple(rejects))


def _in_scope(cells: list[str], sub_icb: str) -> bool:
    """A row cut short cannot say whether it is ours: it counts when it names the sub-ICB anywhere."""
    if len(cells) <= SETTING:
        return sub_icb in cells
    return cells[SUB_ICB] == sub_icb and cells[SETTING] == GP_PRACTICE


def _take(rows: dict[str, NumberedPractice], number: int, cells: list[str]) -> None:
    practice = _practice(cells)
    if practice.code in rows:
        raise ValueError(f"a later row for {practice.code}, which row {rows[practice.code].row} already gives")
    rows[practice.code] = NumberedPractice(number, practice)


def _practice(cells: list[str]) -> PracticeRow:
    if len(cells) <= SETTING:
        raise ValueError(f"the row has {len(cells)} columns, and at least {SETTING + 1} are needed")
    if not re.fullmatch(r"[A-Z][0-9]{5}", cells[CODE].strip()):
        raise ValueError(f"“{cells[CODE].strip()}” is not a practice code")
    if not cells[NAME].strip():
        raise ValueError("the practice has no name")
    if cells[STATUS] not in STANDINGS:
        raise ValueError("proposed, not yet open" if cells[STATUS] == "P" else f"unknown status “{cells[STATUS]}”")
    return PracticeRow(
        code=cells[CODE].strip(),
        name=sensible_case(cells[NAME]),
        address=address_lines(cells[ADDRESS]),
        postcode=tidy_postcode(cells[POSTCODE]),
        phone=" ".join(cells[PHONE].split()),
        standing=STANDINGS[cells[STATUS]],
        opened=day(cells[OPENED]),
        closed=day(cells[CLOSED]),
        memberships=(),
    )
