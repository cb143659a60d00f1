"""`kith import postcodes`: where each postcode is, from Ordnance Survey's Code-Point Open."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from shared.runtime.imports import Reject, UnreadableFile

POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
NO_COORDINATES = 90  # Code-Point Open user guide: positional quality 90 means no coordinates are available
EAST_LIMIT, NORTH_LIMIT = 700_000, 1_300_000  # the extent of the National Grid in metres
HEADINGS = {"pc", "postcode"}
ROWS_OF_DOUBT = 20  # so many rows without one postcode, and it is another kind of file


@dataclass(frozen=True, slots=True)
class PostcodeRow:
    """`quality` is 10 (within the building) to 60; `easting` and `northing` are British National Grid metres."""

    postcode: str
    quality: int
    easting: int
    northing: int
    district: str
    ward: str


def tidy_postcode(text: str) -> str:
    """ "rm176aa" -> "RM17 6AA"; "" for what cannot be a postcode."""
    compact = re.sub(r"\s", "", text).upper()
    return f"{compact[:-3]} {compact[-3:]}" if POSTCODE.fullmatch(compact) else ""


def read_postcodes(source: BinaryIO) -> Iterator[PostcodeRow | Reject]:
    """Each row of one file in its order, as it is read: of the file only the postcodes already met are held.

    Raises UnreadableFile, possibly after the first rows, for what is not Code-Point Open: use nothing of it then.
    """
    seen: set[str] = set()
    recognised = False
    for number, cells in enumerate(_table(source), start=1):
        if not cells or (number <= 2 and cells[0].strip().lower() in HEADINGS):
            continue
        recognised = recognised or (len(cells) >= 4 and bool(tidy_postcode(cells[0])))
        if number == ROWS_OF_DOUBT and not recognised:
            break
        yield _row(number, cells, seen)
    if not recognised:
        raise UnreadableFile("This is not a Code-Point Open file: it gives no postcodes with eastings and northings.")


def _table(source: BinaryIO) -> Iterator[list[str]]:
    lines = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
    try:
        yield from csv.reader(lines)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile("This is not a Code-Point Open file: it is not comma-separated text.") from error
    finally:
        lines.detach()  # the file stays its opener's to close


def _row(number: int, cells: list[str], seen: set[str]) -> PostcodeRow | Reject:
    try:
        row = _postcode(cells)
        if row.postcode in seen:
            raise ValueError(f"a later row for {row.postcode}")
    except ValueError as reason:
        return Reject(number, cells[0].strip(), str(reason))
    seen.add(row.postcode)
    return row


def _postcode(cells: list[str]) -> PostcodeRow:
    if len(cells) < 4:
        raise ValueError(f"the row has {len(cells)} columns, and at least 4 are needed")
    postcode = tidy_postcode(cells[0])
    if not postcode:
        raise ValueError(f"“{cells[0].strip()}” is not a postcode")
    quality = _whole_number(cells[1], "positional quality", 90)
    if quality == NO_COORDINATES:
        raise ValueError("no coordinates (positional quality 90)")
    easting, northing = _whole_number(cells[2], "easting", EAST_LIMIT), _whole_number(cells[3], "northing", NORTH_LIMIT)
    if not easting or not northing:
        raise ValueError("no coordinates (easting or northing is nought)")
    district, ward = (cells[8], cells[9]) if len(cells) > 9 else ("", "")
    return PostcodeRow(postcode, quality, easting, northing, district, ward)


def _whole_number(cell: str, what: str, limit: int) -> int:
    text = cell.strip()
    if not text.isdigit() or int(text) > limit:
        raise ValueError(f"“{text}” cannot be the {what}")
    return int(text)
