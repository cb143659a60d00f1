"""Who may come through which door: a caller without the right is refused before the body is read."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute

from shared.door.forgery import from_elsewhere
from shared.door.problems import Forbidden, Unauthorised
from shared.door.visit import visit_of
from shared.runtime.actor import Role

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Unguarded(TypeError):
    """A route was made that does not say who may use it."""


@dataclass(frozen=True)
class Permission:
    """The roles that may use a route; None is everyone, with or without an account."""

    roles: frozenset[Role] | None

    async def __call__(self) -> None:
        """Nothing is left to do when FastAPI comes to the dependencies: the route has refused already.

        Async, as everything that FastAPI calls here: a plain function costs it a thread.
        """

    def check(self, request: Request) -> None:
        """Refuse a caller who may not, and a browser that another site sent here."""
        visit = visit_of(request.scope)
        if request.method not in _SAFE and visit.session and from_elsewhere(request.headers):
            raise Forbidden("This was sent from another site. Open the page in Kith and send it again.")
        if self.roles is None:
            return
        if visit.actor is None:
            raise Unauthorised(detail="You have been logged out, or have not logged in yet.")
        if not visit.actor.may(*self.roles):
            raise Forbidden


def allow(*roles: Role) -> Any:
    """For `dependencies=[allow(Role.LINK_WORKER)]`: only callers who hold one of the roles."""
    if not roles:
        raise Unguarded("allow() needs at least one role")
    return Depends(Permission(frozenset(roles)))


def public() -> Any:
    """For `dependencies=[public()]`: everyone, without an account."""
    return Depends(Permission(None))


def permission_of(route: APIRoute) -> Permission:
    """What a route asks of its callers."""
    found = [each.dependency for each in route.dependencies if isinstance(each, Dependency)]
    permissions = [each for each in found if isinstance(each, Permission)]
    if len(permissions) != 1:
        raise Unguarded(f"{route.path} must say allow(...) or public(), once")
    return permissions[0]


class GuardedRoute(APIRoute):
    """A route that cannot be made without a permission, and checks it first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        permission, handle = permission_of(self), super().get_route_handler()

        async def guarded(request: Request) -> Response:
            permission.check(request)
            return await handle(request)

        return guarded


def door(service: str, route: type[GuardedRoute] = GuardedRoute) -> APIRouter:
    """A router for the service's pages and API; its routes carry their full paths."""
    return APIRouter(route_class=route, tags=[service])
