"""Whether everybody can still read what is said: what a contract may gain, and what needs a version of its own.

Events stay on their streams for a year and readers are released apart from writers, so both ways must hold: today's
readers read what was said before, and yesterday's readers read what is said today. Only a new optional field does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.events.asyncapi import Json

_NO_MATTER = {"title", "description", "examples"}
_NOWHERE: Json = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a contract as released and as it stands; `place` is the field, from the envelope down."""

    contract: str
    place: str
    words: str
    breaks: bool

    def __str__(self) -> str:
        where = f"{self.contract}: {self.place}" if self.place else self.contract
        return f"{where} {self.words}" + ("; leave it, and say this as a new version beside it" if self.breaks else "")


@dataclass(frozen=True, slots=True)
class Found:
    """A difference within one contract, before it is known which."""

    place: str
    words: str
    breaks: bool = True


def compare(released: Mapping[str, Json], todays: Mapping[str, Json]) -> list[Change]:
    """All that changed between two sets of contracts, each a JSON Schema by the event's type."""
    changes = [Change(name, "", "is new", breaks=False) for name in todays if name not in released]
    for name, schema in released.items():
        if name not in todays:
            changes.append(Change(name, "", "is gone, though events of it lie on its stream", breaks=True))
            continue
        found = differences("", _plain(schema, schema), _plain(todays[name], todays[name]))
        changes += [Change(name, each.place, each.words, each.breaks) for each in found]
    return changes


def _plain(schema: Any, root: Json) -> Any:
    """The schema with each reference replaced by what it names, and without words for people."""
    if isinstance(schema, list):
        return [_plain(each, root) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        named = root["$defs"][str(schema["$ref"]).rpartition("/")[2]]
        return _plain(named, root) | _plain({key: value for key, value in schema.items() if key != "$ref"}, root)
    return {
        # A field may well be called "title": only a schema's own are words.
        key: {name: _plain(field, root) for name, field in value.items()}
        if key == "properties"
        else _plain(value, root)
        for key, value in schema.items()
        if key not in _NO_MATTER and key != "$defs"
    }


def differences(place: str, old: Json, new: Json) -> Iterator[Found]:
    """What differs between two plain schemas of one field."""
    if old == new:
        return
    if "properties" in old and "properties" in new:
        yield from _fields(place, old, new)
    elif "items" in old and "items" in new:
        yield from differences(f"{place}[]", old["items"], new["items"])
    elif "enum" in old and "enum" in new:
        yield from _words_taken(place, old["enum"], new["enum"])
    elif _kind(old) != _kind(new):
        yield Found(place, f"was {_kind(old)} and is now {_kind(new)}")
    elif _without_nothing(old) != _without_nothing(new):
        yield from differences(place, _without_nothing(old), _without_nothing(new))
    for limit in sorted((old.keys() | new.keys()) - {"properties", "required", "items", "enum", "type", "anyOf"}):
        if old.get(limit) != new.get(limit):
            yield Found(place, f"had {limit} {_said(old, limit)} and has now {_said(new, limit)}")


def _kind(schema: Json) -> str:
    if "anyOf" in schema:
        return " or ".join(sorted(_kind(each) for each in schema["anyOf"]))
    kind = "one of some words" if "enum" in schema else str(schema.get("type", "anything"))
    return kind.replace("null", "nothing")


def _without_nothing(schema: Json) -> Json:
    """What a field holds that may also be null: it is one thing or nothing in every contract."""
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else _NOWHERE


def _said(schema: Json, limit: str) -> str:
    return repr(schema[limit]) if limit in schema else "none"


def _words_taken(place: str, old: list[str], new: list[str]) -> Iterator[Found]:
    for word in old:
        if word not in new:
            yield Found(place, f"no longer takes {word!r}, which events already said may hold")
    for word in new:
        if word not in old:
            yield Found(place, f"now takes {word!r}, which readers of the released contract refuse")


def _fields(place: str, old: Json, new: Json) -> Iterator[Found]:
    were, are = old["properties"], new["properties"]
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    added = [name for name in are if name not in were]
    for name, field in were.items():
        here = f"{place}.{name}".lstrip(".")
        if name not in are:
            became = [other for other in added if are[other] == field]
            yield Found(here, f"was renamed to {became[0]}" if became else "was removed")
            continue
        if name in needs - needed:
            yield Found(here, "became required, and events already said may lack it")
        if name in needed - needs:
            yield Found(here, "is no longer always there, and readers of the released contract need it")
        yield from differences(here, field, are[name])
    for name in added:
        here = f"{place}.{name}".lstrip(".")
        if name in needs:
            yield Found(here, "is new and required, and events already said lack it")
        else:
            yield Found(here, "is new and optional", breaks=False)
