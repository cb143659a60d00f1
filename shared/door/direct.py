"""The short way to a handler, for what programs do all day long."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, get_type_hints

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.door.caller import caller_of
from shared.door.guard import GuardedRoute, permission_of


class DirectRoute(GuardedRoute):
    """A guarded route of a handler that takes `body`, `caller` and `idempotency_key` and gives its own response.

    It is read from the request by hand: FastAPI's way, which fits any signature, takes a fifth of such an act.
    Documented and refused it is like any other route; the app's limit of a body's size is its own.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        permission, handle, model = permission_of(self), self.endpoint, get_type_hints(self.endpoint)["body"]

        async def direct(request: Request) -> Response:
            permission.check(request)
            body, key = await _body(request, model), request.headers.get("idempotency-key")
            response: Response = await handle(body=body, caller=caller_of(request), idempotency_key=key)
            return response

        self.direct = direct
        return direct


class Directly:
    """ASGI middleware: direct routes are found by their address alone, and go past FastAPI's search and its stacks of
    contexts for dependencies, which they have not got. All else, and any other method, goes FastAPI's way."""

    def __init__(self, app: ASGIApp, *, routers: Iterable[APIRouter]) -> None:
        self._app = app
        routes = [route for router in routers for route in router.routes if isinstance(route, DirectRoute)]
        self._routes = {(method, route.path): route for route in routes for method in route.methods or ()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        response = await route.direct(Request(scope, receive))
        await response(scope, receive, send)


async def _body(request: Request, model: type[BaseModel]) -> BaseModel:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestValidationError([{"loc": ("body",), "msg": "Send it as application/json"}])
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error
