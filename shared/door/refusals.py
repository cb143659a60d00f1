"""Turns what went wrong into an answer: problem details under /api/, a page elsewhere, and never anybody's data."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.backbone.failures import is_transient
from shared.backbone.outbox import Backlogged
from shared.door.doorway import pages_of
from shared.door.forms import Typed
from shared.door.problems import Away, Backlog, Conflict, Invalid, NotFound, Problem
from shared.door.visit import visit_of
from shared.runtime.clock import now
from shared.runtime.logs import logger
from shared.runtime.store import StaleVersion

_STORE_AWAY: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    PoolTimeout,
    OperationalError,
    InterfaceError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
_log = logger(__name__)
_HEADERS = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "30"}}
_TITLES = {404: "Page not found", 405: "This cannot be done here", 413: "This is too large"}


def is_api(path: str) -> bool:
    """Whether a path speaks JSON: an API, and what programs read beside it."""
    return "/api/" in path


def wants_page(request: Request) -> bool:
    return not is_api(request.url.path)


def problem_json(problem: Problem) -> JSONResponse:
    """The problem for a program."""
    return JSONResponse(problem.document(), problem.status, _HEADERS.get(problem.status), "application/problem+json")


def answer_problem(request: Request, problem: Problem) -> Response:
    """The problem for whoever asked."""
    if not wants_page(request):
        return problem_json(problem)
    if problem.status == 401 and request.method == "GET":
        return RedirectResponse(sign_in_address(request), status_code=303)
    typed = getattr(request.state, "typed", None)
    visit, pages = visit_of(request.scope), pages_of(request)
    model = {"problem": problem, "typed": typed or Typed()}
    html = pages.render("kith/problem.html", visit, path=request.url.path, now=now(), **model)
    return HTMLResponse(html, problem.status, _HEADERS.get(problem.status))


def sign_in_address(request: Request) -> str:
    """The log-in page, which comes back to where the caller was going."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/sign-in?next={quote(request.url.path + query, safe='')}"


def _invalid(error: RequestValidationError) -> Problem:
    """Which fields are wrong and why, without repeating what was sent: it may be about a person."""
    fields = {".".join(str(part) for part in each["loc"][1:]) or "body": str(each["msg"]) for each in error.errors()}
    return Invalid("Some of what was sent cannot be accepted.", fields=fields)


def as_problem(error: Exception, statuses: Mapping[type[Exception], int]) -> Problem:
    """The problem that an error is: its own, one of the service's named errors, or what the libraries raise."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _from_http(error)
    if isinstance(error, StaleVersion):
        return Conflict("It was changed since you opened it.", kind="stale-version")
    if isinstance(error, Backlogged):
        return Backlog()
    for kind, status in statuses.items():
        if isinstance(error, kind):
            return _named(error, status)
    if isinstance(error, _STORE_AWAY) or is_transient(error):
        return Away(detail="A part that Kith stands on does not answer.")
    if _is_unfit(error):
        return Invalid("Some of what was sent cannot be kept: a sign that is no letter, or a number out of range.")
    return Problem(500, "Something went wrong in Kith")


def _is_unfit(error: Exception) -> bool:
    """Whether the store cannot hold what was sent: a null character, a number or a moment beyond its range."""
    if isinstance(error, asyncpg.DataError):
        return True
    if not isinstance(error, StatementError) or error.orig is None:
        return False
    return isinstance(error.orig.__cause__, asyncpg.DataError) or isinstance(error.orig, OverflowError)


def _from_http(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return NotFound()
    return Problem(error.status_code, _TITLES.get(error.status_code, "There is a problem"))


def _named(error: Exception, status: int) -> Problem:
    words = str(error)
    if status == 404:
        return NotFound(words)
    if status == 409:
        return Conflict(words, title="This cannot be done now")
    return Problem(status, "", words)


def install_refusals(app: FastAPI, statuses: Mapping[type[Exception], int]) -> None:
    """Answer every error of the app."""

    async def refuse(request: Request, error: Exception) -> Response:
        problem = as_problem(error, statuses)
        if problem.status >= 500:
            _log.error(
                "request_failed", error=type(error).__name__, status=problem.status, exc_info=problem.status == 500
            )
        return answer_problem(request, problem)

    for kind in (Problem, RequestValidationError, HTTPException, StaleVersion, Backlogged, *statuses, *_STORE_AWAY):
        app.add_exception_handler(kind, refuse)
    app.add_middleware(AnswerFailures, refuse=refuse)


class AnswerFailures:
    """ASGI middleware, around the routes alone: what nobody foresaw is answered here. Starlette would answer it outside
    all others, without the safe headers and without the id under which its log line is found."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            response = await self._refuse(Request(scope, receive), error)
            await response(scope, receive, send)
