"""Committed snapshots of every contract: its JSON Schema, a full and a minimal example.

A changed contract is a changed file in the review.   python -m shared.events.snapshots   writes them anew.
"""

import json
from pathlib import Path
from typing import Any

from shared.events.asyncapi import Json, payload_schema
from shared.events.envelope import Fact
from shared.events.streams import STREAMS

FOLDER = Path(__file__).parent / "snapshots"
_ID = "0199c0de-0000-7000-8000-000000000001"
_WORDS = {
    "source": "referral",
    "specversion": "1.0",
    "datacontenttype": "application/json",
    "subject": _ID,
    "partitionkey": _ID,
    "correlationid": "0199c0de-0000-7000-8000-00000000000c",
    "sequence": f"{1:020}",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "pcn": "U99901",
    "reference": "K7F-3QD",
    "request_reference": "M8T-2VW",
    "practice": "Z99901",
    "code": "Z99901",
    "organisation_name": "Elm Surgery",
    "link_worker": "jo-bell",
    "provider_id": "riverside-arts",
    "provider_name": "Riverside Arts",
    "activity_name": "Riverside Singers",
    "measure": "ons4",
    "stage": "baseline",
    "area": "RM17",
    "when": "Tuesday 2pm to 4pm",
    "where": "Riverside Hall",
    "kind": "place-accepted",
    "outcome": "completed",
    "accessibility": "step-free",
    "days": "TU",
    "languages": "en",
    "needs": "loneliness",
    "eligibility": "Adults who enjoy singing",
}
_FORMATS = {"uuid": _ID, "date-time": "2026-11-20T14:30:00Z", "date": "2026-11-20"}


def _value(name: str, schema: Json, definitions: Json, *, full: bool) -> Any:
    """One believable value for a schema; the same every time."""
    if "$ref" in schema:
        return _value(name, definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, full=full)
    if "anyOf" in schema:
        return _value(name, schema["anyOf"][0], definitions, full=full)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema.get("type"):
        case "object":
            return _object(schema, definitions, full=full)
        case "array":
            return [_value(name, schema["items"], definitions, full=full)]
        case "integer":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
    return _FORMATS.get(schema.get("format", "")) or _WORDS.get(name, f"example {name.replace('_', ' ')}")


def _object(schema: Json, definitions: Json, *, full: bool) -> Json:
    """All properties, or in a minimal example those without which a reader refuses the event."""
    optional = {name for name, of in schema["properties"].items() if "default" in of}
    names = schema["properties"] if full else [n for n in schema["properties"] if n not in optional]
    return {name: _value(name, schema["properties"][name], definitions, full=full) for name in names}


def filled(schema: Json) -> Json:
    """A believable object with every field of its schema."""
    return _object(schema, schema.get("$defs", {}), full=True)


def snapshots(fact: type[Fact]) -> dict[str, str]:
    """File name → text, for one contract."""
    schema = payload_schema(fact)
    definitions = schema["$defs"]
    stem = f"{fact.name}.v{fact.version}"
    owner = next(stream.owner for stream in STREAMS if fact in stream.facts)
    files = {f"{stem}.schema.json": schema}
    for kind in ("full", "minimal"):
        example = _object(schema, definitions, full=kind == "full") | {"source": owner, "specversion": "1.0"}
        files[f"{stem}.{kind}.json"] = example
    return {name: json.dumps(content, indent=2, sort_keys=True) + "\n" for name, content in files.items()}


def everything() -> dict[str, str]:
    """All files that the snapshot folder must hold."""
    facts = dict.fromkeys(fact for stream in STREAMS for fact in stream.facts)
    return {name: text for fact in facts for name, text in snapshots(fact).items()}


def example(fact: type[Fact], kind: str = "full") -> bytes:
    """A committed example's bytes, for tests that feed a consumer."""
    return (FOLDER / f"{fact.name}.v{fact.version}.{kind}.json").read_bytes()


def main() -> None:
    """Write the folder anew."""
    FOLDER.mkdir(exist_ok=True)
    wanted = everything()
    for old in FOLDER.glob("*.json"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
