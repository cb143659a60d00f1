"""A parked event as an operator may see it: what keeps to its contract, and where and why the rest does not.

What breaks a contract may be anything, a person's name too, so its value is never shown. Nothing sealed is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from shared.events.envelope import Event, Fact, Head
from shared.events.streams import STREAMS

HIDDEN = "(not shown)"
_UNKNOWN = "extra_forbidden"
_OWN_WORDS = ("value_error", "assertion_error")  # they may quote what they were given
_IDENTIFIER = re.compile(r"[\w.:/+=-]{0,200}")
_HEAD = frozenset(info.alias or name for name, info in Head.model_fields.items())
_CLOUD = ("specversion", "datacontenttype")


@dataclass(frozen=True, slots=True)
class Shown:
    """`words` say what it is when it is no event; `faults` where it breaks its contract, and how."""

    words: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] | None = None
    faults: Sequence[str] = ()


def shown(stream: str, payload: bytes | None) -> Shown:
    """What may be seen of a record's value."""
    if payload is None:
        return Shown("An erasure: its owner took back what it had said under this key.")
    try:
        envelope = from_json(payload)
    except ValueError:
        return Shown(f"It cannot be read: {len(payload)} bytes that are no JSON.")
    if not isinstance(envelope, dict):
        return Shown("It cannot be read: JSON, but no object.")
    return _event(stream, envelope)


def _event(stream: str, envelope: dict[str, Any]) -> Shown:
    fact, sealed = _contract(stream, str(envelope.get("type")))
    model: type[Head] = Event[fact] if fact and not sealed else Head  # type: ignore[valid-type]
    if model is Head:
        envelope.pop("data", None)
    errors = _errors(model, envelope)
    for error in errors:
        _hide(envelope, error)
    attributes = {name: _attribute(value) for name, value in envelope.items() if name in _HEAD and name not in _CLOUD}
    data = envelope.get("data")
    words = "Its content is sealed." if sealed else "" if fact else "Its type is not in the catalogue."
    return Shown(words, attributes, data if isinstance(data, dict) else None, [_fault(error) for error in errors])


def _contract(stream: str, type_: str) -> tuple[type[Fact] | None, bool]:
    """The fact that a type stands for on a stream, and whether the stream is sealed."""
    known = next((each for each in STREAMS if each.name == stream), None)
    facts = known.facts if known else ()
    return next((fact for fact in facts if fact.type_name() == type_), None), bool(known and known.sealed)


def _errors(model: type[Head], envelope: Mapping[str, Any]) -> list[ErrorDetails]:
    """All that the contract does not know or does not allow."""
    try:
        model.model_validate(envelope, extra="forbid")
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False, include_context=False)
    return []


def _hide(place: Any, error: ErrorDetails, depth: int = 0) -> None:
    """Put words in the place of what is wrong, or of the closest thing around it; what is unknown goes."""
    here, *inner = error["loc"][depth:]
    if error["type"] == "missing" or not _holds(place, here):
        return
    if inner and _holds(place[here], inner[0]):
        _hide(place[here], error, depth + 1)
    elif error["type"] == _UNKNOWN:
        del place[here]
    else:
        place[here] = HIDDEN


def _holds(place: Any, key: str | int) -> bool:
    if isinstance(place, list):
        return isinstance(key, int) and key < len(place)
    return isinstance(place, dict) and key in place


def _attribute(value: object) -> str:
    text = str(value)
    return text if _IDENTIFIER.fullmatch(text) else HIDDEN


def _fault(error: ErrorDetails) -> str:
    where = ".".join(_attribute(part) for part in error["loc"])
    if error["type"] == _UNKNOWN:
        return f"{where}: the contract does not know it"
    return f"{where}: {'not acceptable' if error['type'] in _OWN_WORDS else error['msg']}"


def flat(data: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested data as lines: person.version."""
    if not isinstance(data, dict | list):
        return [(name, str(data))]
    parts = data.items() if isinstance(data, dict) else enumerate(data)
    return [line for key, value in parts for line in flat(value, f"{name}.{key}" if name else str(key))]
