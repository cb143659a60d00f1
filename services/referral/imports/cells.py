"""The cells of the NHS's published tables: text, whole-number dates, and CSV in the encodings it comes in."""

import csv
import io
from datetime import date, datetime

from shared.runtime.imports import UnreadableFile


def csv_rows(content: bytes, what: str) -> list[list[str]]:
    """Every row of a CSV file. Raises UnreadableFile for a spreadsheet, a picture or anything else that is not text."""
    if b"\0" in content or content.startswith((b"PK", b"%PDF", b"\x89")):
        raise UnreadableFile(f"The {what} file is not a CSV file: it is not text.")
    try:
        return list(csv.reader(io.StringIO(_decoded(content), newline="")))
    except csv.Error as error:
        raise UnreadableFile(f"The {what} file is not a CSV file: {error}.") from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def text(value: object) -> str:
    """A cell as text; a formula is not text, because what it would show is not in the file."""
    shown = "" if value is None else str(value).strip()
    return "" if shown.startswith("=") else shown


def day(value: object) -> date | None:
    """20191001 is the 1st of October 2019, an empty cell None. Raises ValueError with a sentence for the rest."""
    if isinstance(value, datetime):
        return value.date()
    shown = text(value)
    if not shown:
        return None
    try:
        return date.fromisoformat(shown)
    except ValueError:
        raise ValueError(f"“{shown}” is not a date written as YYYYMMDD") from None
