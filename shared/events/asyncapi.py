"""AsyncAPI 3, made from the stream catalogue: what a service says and what it listens to."""

from collections.abc import Iterable
from typing import Any

from shared.events.envelope import CONTENT_TYPE, Event, Fact
from shared.events.streams import DAY_MS, Stream, owned_by, read_by

Json = dict[str, Any]


def payload_schema(fact: type[Fact], references: str = "#/$defs/{model}") -> Json:
    """The JSON Schema of an event as it lies on the wire: envelope and data."""
    model: type[Event[Fact]] = Event[fact]  # type: ignore[valid-type]
    schema = model.model_json_schema(mode="serialization", by_alias=True, ref_template=references)
    schema["title"] = fact.__name__
    schema["properties"]["type"] = {"type": "string", "const": fact.type_name()}
    return schema


def _name(fact: type[Fact]) -> str:
    """What a message is called in the document: versions of one event stand beside each other."""
    return f"{fact.name}.v{fact.version}"


def _message(fact: type[Fact]) -> Json:
    return {
        "name": fact.type_name(),
        "title": fact.__name__,
        "summary": (fact.__doc__ or "").strip().split("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": {"$ref": f"#/components/schemas/{fact.type_name()}"},
    }


def _schemas(facts: Iterable[type[Fact]]) -> Json:
    """All payloads and the models they share, in one table, since a reference counts from the document's root."""
    found: Json = {}
    for fact in facts:
        schema = payload_schema(fact, "#/components/schemas/{model}")
        found |= schema.pop("$defs")
        found[fact.type_name()] = schema
    return found


def _channel(stream: Stream) -> Json:
    cleanup = ["compact"] if stream.compacted else ["delete"]
    topic: Json = {"cleanup.policy": cleanup}
    if stream.days is not None:
        topic["retention.ms"] = stream.days * DAY_MS
    return {
        "address": stream.name,
        "title": stream.name,
        "description": f"{stream.description} Keyed by {stream.key}. Owner: {stream.owner}.",
        "messages": {_name(fact): {"$ref": f"#/components/messages/{_name(fact)}"} for fact in stream.facts},
        "bindings": {
            "kafka": {"topic": stream.name, "partitions": stream.partitions, "replicas": 1, "topicConfiguration": topic}
        },
    }


def _operation(action: str, stream: Stream) -> Json:
    channel = f"#/channels/{stream.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{_name(fact)}"} for fact in stream.facts],
    }


def document(service: str) -> Json:
    """The AsyncAPI 3 document of one service."""
    owned, read = owned_by(service), read_by(service)
    facts = {_name(fact): fact for stream in (*owned, *read) for fact in stream.facts}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Kith {service}",
            "version": "1.0.0",
            "description": f"What the {service} service says and what it listens to, as CloudEvents 1.0 on Kafka.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {stream.name: _channel(stream) for stream in (*owned, *read)},
        "operations": {
            **{f"send-{stream.name}": _operation("send", stream) for stream in owned},
            **{f"receive-{stream.name}": _operation("receive", stream) for stream in read},
        },
        "components": {
            "messages": {name: _message(fact) for name, fact in facts.items()},
            "schemas": _schemas(facts.values()),
        },
    }
