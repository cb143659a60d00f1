"""The tables of the primary care networks file: a workbook with two sheets, or a CSV of the partners sheet alone."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import openpyxl

from services.referral.imports.cells import csv_rows
from shared.runtime.imports import UnreadableFile

LARGEST_UNPACKED = 30_000_000  # the published workbook unpacks to 5 MB; a small file can unpack to anything
DETAILS, PARTNERS = "PCN Details", "PCN Core Partner Details"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table, by column name in small letters (CCG and sub-ICB columns as `_column` unifies them)."""

    row: int
    cells: Mapping[str, object]

    def __getitem__(self, column: str) -> object:
        return self.cells.get(column)


@dataclass(frozen=True, slots=True)
class NetworkTables:
    details: tuple[Line, ...]
    partners: tuple[Line, ...]


def read_tables(content: bytes) -> NetworkTables:
    """Raises UnreadableFile when it is neither the workbook nor the CSV, or a sheet or a column is missing."""
    if content.startswith(b"PK"):
        return _workbook(content)
    lines = _lines(csv_rows(content, "networks"), PARTNERS, ("partner organisation code", "pcn code", "pcn name"))
    return NetworkTables(details=lines, partners=lines)


def _workbook(content: bytes) -> NetworkTables:
    try:
        return _both_sheets(content)
    except UnreadableFile:
        raise
    except Exception as error:  # openpyxl and what it stands on raise anything for a damaged file
        raise UnreadableFile("The networks file is not an Excel workbook that can be opened.") from error


def _both_sheets(content: bytes) -> NetworkTables:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
            raise UnreadableFile(f"The networks file unpacks to more than {LARGEST_UNPACKED // 1_000_000} MB.")
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    try:
        missing = [name for name in (DETAILS, PARTNERS) if name not in book.sheetnames]
        if missing:
            raise UnreadableFile(f"The networks file has no sheet named “{missing[0]}”.")
        details = _lines(book[DETAILS].iter_rows(values_only=True), DETAILS, ("pcn code", "pcn name", "pcn sub icb"))
        needed = ("partner organisation code", "pcn code")
        return NetworkTables(details, _lines(book[PARTNERS].iter_rows(values_only=True), PARTNERS, needed))
    finally:
        book.close()


def _lines(rows: Iterable[Sequence[object]], sheet: str, needed: tuple[str, ...]) -> tuple[Line, ...]:
    table = iter(rows)
    columns = [_column(str(cell or "")) for cell in next(table, ())]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise UnreadableFile(f"The table “{sheet}” of the networks file has no column “{missing[0]}”.")
    numbered = enumerate(table, start=2)
    return tuple(Line(n, dict(zip(columns, cells, strict=False))) for n, cells in numbered if any(cells))


def _column(heading: str) -> str:
    """Sub-ICBs were clinical commissioning groups until 2022: both names are one column to us."""
    name = " ".join(re.sub(r"\(.*?\)", "", heading).lower().split())
    if (
        re.search(r"clinical commissioning group|\bccg\b|sub[ -]icb", name)
        and "name" not in name
        and "match" not in name
    ):
        return "practice sub icb" if name.startswith("practice") else "pcn sub icb"
    return name
