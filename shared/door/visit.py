"""Who is at the door in this request, as the identity check found them."""

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from shared.runtime.actor import Actor

_SLOT = "kith.visit"


@dataclass(frozen=True, slots=True)
class Visit:
    """`session` is the id of the log-in behind the cookie; a program with a token, and the public, have none."""

    actor: Actor | None = None
    session: str | None = None
    correlation: str = ""
    traceparent: str | None = None


def visit_of(scope: MutableMapping[str, Any]) -> Visit:
    """The visit noted on an ASGI scope; an empty one (nobody) when no check has run."""
    noted = scope.get(_SLOT)
    return noted if isinstance(noted, Visit) else Visit()


def put(scope: MutableMapping[str, Any], visit: Visit) -> None:
    """Begin with this visit."""
    scope[_SLOT] = visit


def note(scope: MutableMapping[str, Any], **known: Any) -> None:
    """Add what has been found out to the scope's visit."""
    scope[_SLOT] = replace(visit_of(scope), **known)
