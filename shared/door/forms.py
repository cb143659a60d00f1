"""What a person typed into a form, kept as typed so that it can be shown again."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.door.sealer import Sealer

TOKEN, KEY, VERSION, CARRIED = "_token", "_key", "_version", "_carried"
_OURS = frozenset({TOKEN, KEY, VERSION, CARRIED})
_PARTS = ("day", "month", "year")
_LONGEST_NUMBER = 9


class Typed(Mapping[str, Sequence[str]]):
    """Field name to what was typed in it; in templates `typed.text("name")`, `.texts("reasons")`, `.parts("dob")`."""

    def __init__(self, fields: Mapping[str, Sequence[str]] | None = None, *, key: str = "") -> None:
        """`key` is the idempotency key of the form these were typed in, kept when the form is shown again."""
        self._fields = {name: tuple(values) for name, values in (fields or {}).items()}
        self.key = key

    def __getitem__(self, name: str) -> Sequence[str]:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def text(self, name: str, default: str = "") -> str:
        """The field's text, without the blanks around it."""
        return (self._fields[name][0] if self._fields.get(name) else default).strip()

    def texts(self, name: str) -> list[str]:
        """Every value of the field: ticked boxes, repeated fields."""
        return [value.strip() for value in self._fields.get(name, ())]

    def parts(self, name: str) -> dict[str, str]:
        """The day, month and year of a date field, as the date input wants them."""
        return {part: self.text(f"{name}[{part}]") for part in _PARTS}

    def first_control(self, name: str) -> str:
        """The id of the field's first control, for the error summary's link."""
        return f"{name}-day" if f"{name}[day]" in self._fields else name


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent from a page of ours. `version` is that of what it changes, where it changes something;
    `path` is where it was sent to."""

    typed: Typed
    key: str
    version: int | None
    carried: Mapping[str, Sequence[str]] = field(default_factory=dict)
    path: str = ""

    def text(self, name: str, default: str = "") -> str:
        return self.typed.text(name, default)

    def texts(self, name: str) -> list[str]:
        return self.typed.texts(name)

    def blank(self, name: str) -> bool:
        """Whether nothing was typed in the field (for a date: in none of its parts)."""
        return not any(self.texts(name)) and not any(self.typed.parts(name).values())

    def date(self, name: str) -> date | None:
        """The date in a date field, or None when it is blank or no real date."""
        try:
            day, month, year = (int(part) for part in self.typed.parts(name).values())
            return date(year, month, day)
        except (ValueError, OverflowError):
            return None

    @property
    def fingerprint(self) -> bytes:
        """Tells whether the same key was sent with other words, or about something else."""
        said = {"typed": dict(self.typed), "carried": dict(self.carried), "version": self.version, "path": self.path}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


def whole_number(text: str) -> int | None:
    """A whole number as people type it; None when it is none, or longer than any that we ask for."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def typed_in(fields: Mapping[str, Sequence[str]]) -> Typed:
    """What the person typed, without the fields that the form macro added."""
    theirs = {name: values for name, values in fields.items() if name not in _OURS}
    return Typed(theirs, key=(fields.get(KEY) or [""])[0])


def seal_answers(sealer: Sealer, answers: Mapping[str, Sequence[str]]) -> str:
    """Answers of earlier pages, sealed into the next page's form: nothing is kept on the server and nothing expires."""
    kept = {name: list(values) for name, values in answers.items()}
    return sealer.seal("answers", json.dumps(kept).encode())


def open_answers(sealer: Sealer, sealed: str) -> dict[str, tuple[str, ...]]:
    """The answers that a form carried; empty when it carried none or somebody changed them."""
    plain = sealer.open("answers", sealed) if sealed else None
    return {name: tuple(values) for name, values in json.loads(plain).items()} if plain else {}
