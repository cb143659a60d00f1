"""`kith import staff`: who works in the network, from a CSV or JSON file that the network's operator keeps."""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.runtime.actor import Role
from shared.runtime.imports import Parsed, Reject, UnreadableFile

COLUMNS = ("subject", "name", "role", "organisation", "email", "phone")
STAFF = frozenset(Role) - {Role.PERSON, Role.SYSTEM}
BOUND = frozenset({Role.REFERRER, Role.LINK_WORKER, Role.TEAM_LEAD, Role.PROVIDER})  # see nothing without one
EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person in one role. `subject` is what their token will say; `organisations` are practice or network codes, or
    providers' ids. Email or phone may be "". `row` is where they stand in the file."""

    subject: str
    name: str
    role: Role
    organisations: tuple[str, ...]
    email: str
    phone: str
    row: int = 0


def read_staff(content: bytes) -> Parsed[StaffRow]:
    """A CSV with a header row, or a JSON list of objects, with the columns above; further ones are passed over.

    Raises UnreadableFile when it is neither or a column is missing; a row that cannot stand is a reject.
    """
    rows: dict[str, StaffRow] = {}
    rejects: list[Reject] = []
    for number, cells in _table(content):
        try:
            row = replace(_staff(cells), row=number)
            if row.subject in rows:
                raise ValueError(f"a later row for {row.subject}")
            rows[row.subject] = row
        except ValueError as reason:
            rejects.append(Reject(number, cells["subject"], str(reason)))
    return Parsed(tuple(rows.values()), tuple(rejects))


def _table(content: bytes) -> list[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile("The staff file is not text in UTF-8.") from error
    return _json(text) if text.lstrip().startswith(("[", "{")) else _csv(text)


def _json(text: str) -> list[tuple[int, Mapping[str, str]]]:
    try:
        people: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("The staff file begins like JSON and is not.") from error
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise UnreadableFile("The staff file is JSON, but not a list of people.")
    return [(n, {column: _text(person.get(column)) for column in COLUMNS}) for n, person in enumerate(people, start=1)]


def _text(value: object) -> str:
    """Several organisations may be a list in JSON."""
    if isinstance(value, list):
        return " ".join(str(part) for part in value)
    return "" if value is None else str(value).strip()


def _csv(text: str) -> list[tuple[int, Mapping[str, str]]]:
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise UnreadableFile(f"The staff file has no column “{missing[0]}” in its first row.")
        numbered = [(n, [cell.strip() for cell in line]) for n, line in enumerate(lines, start=2) if any(line)]
    except csv.Error as error:
        raise UnreadableFile(f"The staff file is not a CSV file: {error}.") from error
    blank = dict.fromkeys(COLUMNS, "")
    return [(n, blank | dict(zip(header, line, strict=False))) for n, line in numbered]


def _staff(cells: Mapping[str, str]) -> StaffRow:
    if not cells["subject"] or re.search(r"\s", cells["subject"]):
        raise ValueError("the subject is missing" if not cells["subject"] else "the subject has a space in it")
    if not cells["name"]:
        raise ValueError("the name is missing")
    if not all(cell.isprintable() for cell in cells.values()):
        raise ValueError("there are characters in the row that cannot be printed")
    role = _role(cells["role"])
    organisations = tuple(dict.fromkeys(part for part in re.split(r"[\s;,]+", cells["organisation"]) if part))
    if role in BOUND and not organisations:
        raise ValueError(f"a {role.replace('-', ' ')} needs an organisation")
    if cells["email"] and not EMAIL.fullmatch(cells["email"]):
        raise ValueError("the email is not an email address")
    return StaffRow(cells["subject"], cells["name"], role, organisations, cells["email"], cells["phone"])


def _role(given: str) -> Role:
    tidy = re.sub(r"[\s_]+", "-", given.lower())
    if tidy not in STAFF:
        raise ValueError(f"“{given[:40]}” is not a role; the roles are {', '.join(sorted(STAFF))}")
    return Role(tidy)
