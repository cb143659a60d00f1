"""Small files shaped like the published ones, for the tests of the importers."""

import csv
import io
import random
import zipfile
from collections.abc import Sequence

import openpyxl

DETAILS = ["PCN Code", "PCN Name", "Current Clinical Commissioning Group Code", "Open Date (YYYYMMDD)", "Close Date"]
PARTNERS = [
    "Partner Organisation Code",
    "Partner Name",
    "Practice Parent CCG Code",
    "PCN Code",
    "PCN Name",
    "PCN Parent CCG Code",
    "Practice to PCN Relationship Start Date",
    "Practice to PCN Relationship End Date",
]
LOOK_UP = "=VLOOKUP(E2,'PCN Details'!A:B,2,FALSE)"


def practice(
    code: str = "F00001",
    name: str = "THE MARSH SURGERY",
    *,
    status: str = "A",
    sub_icb: str = "07G",
    setting: str = "4",
    closed: str = "",
    postcode: str = "RM17 6AA",
    opened: str = "19740401",
) -> list[str]:
    """One row of epraccur: 27 columns."""
    place = ["THE MARSH SURGERY", "1 HIGH STREET", "", "GRAYS", ""]
    rest = ["01375 000000", "", "", "", "0", "", sub_icb, "", setting, ""]
    return [code, name, "Y61", "Q79", *place, postcode, opened, closed, status, "B", sub_icb, "20130401", "", *rest]


def practices(*rows: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


def partner(
    practice: str = "F00001", network: str = "U00001", starts: object = 20191001, ends: object = None
) -> list[object]:
    return [practice, "THE MARSH SURGERY", "07G", network, LOOK_UP, "07G", starts, ends]


def network(code: str = "U00001", name: str = "MARSH PCN", sub_icb: str = "07G") -> list[object]:
    return [code, name, sub_icb, 20191001, None]


def workbook(
    details: Sequence[Sequence[object]],
    partners: Sequence[Sequence[object]],
    *,
    second: str = "PCN Core Partner Details",
) -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "PCN Details"
    for sheet, heads, rows in ((first, DETAILS, details), (book.create_sheet(second), PARTNERS, partners)):
        for row in (heads, *rows):
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def damaged(content: bytes) -> bytes:
    """The same workbook with its sheets cut off half-way."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(out, "w") as cut:
        for name in whole.namelist():
            part = whole.read(name)
            cut.writestr(name, part[: len(part) // 2] if "worksheets/" in name else part)
    return out.getvalue()


def swollen(content: bytes) -> bytes:
    """The same workbook, still small, with a part that unpacks to 40 MB."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"<si><t>a</t></si>" * (40_000_000 // 17))
    return out.getvalue()


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """The same workbook with a few of its bytes changed."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)
