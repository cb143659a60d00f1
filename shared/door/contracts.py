"""What a service offers to programs, as a person reads it and as JSON: its API (OpenAPI) and its events (AsyncAPI)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute

from shared.door.caller import Caller
from shared.door.guard import door, permission_of, public
from shared.door.service import Service
from shared.events import asyncapi

Json = Mapping[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field of a shape, in words."""

    name: str
    type: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A named JSON object."""

    name: str
    words: str
    fields: tuple[FieldShown, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a program may ask."""

    method: str
    path: str
    words: str
    who: str
    body: str
    answers: tuple[str, ...]


def openapi(app: FastAPI, routers: Sequence[APIRouter]) -> dict[str, Any]:
    """OpenAPI of the routers' API, without their pages; each operation says who may use it."""
    whole = get_openapi(title=app.title, version="1.0.0", routes=app.routes, description=_DESCRIPTION)
    whole["paths"] = {path: operations for path, operations in whole["paths"].items() if "/api/" in path}
    components = whole.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path, method, roles in _permissions(routers):
        operation = whole["paths"].get(path, {}).get(method)
        if operation is not None:
            operation["x-roles"] = roles
            operation["security"] = [{"token": []}] if roles else []
            operation["responses"] |= _refusals(bool(roles))
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    return whole


def _refusals(guarded: bool) -> dict[str, Any]:
    """How an operation says no; FastAPI would describe its own answers, which ours stand in for."""
    said = {"401": "No good token", "403": "The caller may not", "422": "What was sent cannot be accepted"}
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": words, "content": content}
        for status, words in said.items()
        if guarded or status == "422"
    }


_TEXT = {"type": "string"}
_PROBLEM: Json = {
    "title": "Problem",
    "description": "Problem details (RFC 9457); a kind of problem may have members of its own.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {**_TEXT, "description": "urn:kith:problem:… or about:blank"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "fields": {"type": "object", "additionalProperties": _TEXT, "description": "Field to message"},
    },
}
_DESCRIPTION = (
    "Errors are problem details (RFC 9457, application/problem+json). A POST may carry an Idempotency-Key: "
    "the same key with the same body is done once and answered the same."
)


def _permissions(routers: Iterable[APIRouter]) -> Iterable[tuple[str, str, list[str]]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                roles = permission_of(route).roles
                for method in route.methods or ():
                    yield route.path, method.lower(), sorted(role.value for role in roles or ())


def operations(document: Json) -> list[Operation]:
    """The operations of an OpenAPI document, for the page."""
    return [
        _operation(method, path, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if method in _METHODS
    ]


def _operation(method: str, path: str, said: Json) -> Operation:
    body = said.get("requestBody", {}).get("content", {})
    kinds = [in_words(content.get("schema", {})) for content in body.values()]
    answers = tuple(f"{status}: {answer.get('description', '')}" for status, answer in said["responses"].items())
    who = ", ".join(role.replace("-", " ") for role in said.get("x-roles", ())) or "everyone"
    words = said.get("description") or said.get("summary", "")
    return Operation(method.upper(), path, words, who, ", ".join(kinds), answers)


def shapes(schemas: Json) -> list[Shape]:
    """The named schemas of a document, for the page."""
    return [_shape(name, schema) for name, schema in sorted(schemas.items())]


def _shape(name: str, schema: Json) -> Shape:
    required = schema.get("required", ())
    fields = tuple(
        FieldShown(field, in_words(said), field in required, said.get("description", ""))
        for field, said in schema.get("properties", {}).items()
    )
    words = schema.get("description", "") or (
        f"One of: {', '.join(map(str, schema['enum']))}" if "enum" in schema else ""
    )
    return Shape(name, words, fields)


def in_words(schema: Json) -> str:
    """The type of a JSON Schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return " or ".join(f"“{value}”" for value in schema["enum"])
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return " or ".join(in_words(each) for each in schema[choice])
    if schema.get("type") == "array":
        return f"list of {in_words(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything").replace("null", "nothing")


def contracts_router(app: FastAPI, service: Service, routers: Sequence[APIRouter]) -> APIRouter:
    """`/openapi` and `/asyncapi`, each as JSON and as a plain page."""
    router, base = door(service.name), f"/{service.name}"
    events = asyncapi.document(service.name)

    @router.get(f"{base}/openapi.json", dependencies=[public()], include_in_schema=False)
    async def openapi_json() -> JSONResponse:
        return JSONResponse(openapi(app, routers))

    @router.get(f"{base}/openapi", dependencies=[public()], include_in_schema=False)
    async def openapi_page(caller: Caller) -> HTMLResponse:
        document = openapi(app, routers)
        known = shapes(document["components"].get("schemas", {}))
        return caller.page("kith/openapi.html", operations=operations(document), shapes=known)

    @router.get(f"{base}/asyncapi.json", dependencies=[public()], include_in_schema=False)
    async def asyncapi_json() -> JSONResponse:
        return JSONResponse(events)

    @router.get(f"{base}/asyncapi", dependencies=[public()], include_in_schema=False)
    async def asyncapi_page(caller: Caller) -> HTMLResponse:
        said = [key.removeprefix("send-") for key in events["operations"] if key.startswith("send-")]
        known = shapes(events["components"]["schemas"])
        return caller.page("kith/asyncapi.html", document=events, said=said, shapes=known)

    return router
