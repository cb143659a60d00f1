"""Places and meetings as small documents: read and written whole, never searched by the database."""

from typing import Any

from pydantic import TypeAdapter

from services.directory.domain.activity import Place
from services.directory.domain.meetings import Meeting

_PLACES = TypeAdapter(tuple[Place, ...])
_MEETINGS = TypeAdapter(tuple[Meeting, ...])


def places_out(places: tuple[Place, ...]) -> list[dict[str, Any]]:
    return list(_PLACES.dump_python(places, mode="json"))


def places_in(documents: list[dict[str, Any]]) -> tuple[Place, ...]:
    return _PLACES.validate_python(documents)


def meetings_out(meetings: tuple[Meeting, ...]) -> list[dict[str, Any]]:
    return list(_MEETINGS.dump_python(meetings, mode="json"))


def meetings_in(documents: list[dict[str, Any]]) -> tuple[Meeting, ...]:
    return _MEETINGS.validate_python(documents)
