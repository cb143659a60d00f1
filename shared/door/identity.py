"""Finds out who is asking before anything else happens: a program's token, or the log-in in a browser's cookie."""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.door.keys import NoKeys
from shared.door.problems import Away, Unauthorised
from shared.door.refusals import answer_problem, problem_json
from shared.door.sessions import ProviderAway, Session, Sessions
from shared.door.tokens import BadToken, ExpiredToken, Tokens
from shared.door.visit import note
from shared.runtime.clock import now
from shared.runtime.logs import logger

_log = logger(__name__)
_COOKIE = "set-cookie"


class Identity:
    """ASGI middleware. A bad token is refused at once; a cookie that no longer holds makes its bearer nobody."""

    def __init__(self, app: ASGIApp, *, tokens: Tokens, sessions: Sessions, open_paths: Sequence[str]) -> None:
        """`open_paths` start the addresses that know no callers: assets, health, figures."""
        self._app, self._tokens, self._sessions = app, tokens, sessions
        self._open_paths = tuple(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._open_paths):
            await self._app(scope, receive, send)
            return
        try:
            send = await self._identified(scope, send)
        except BadToken as error:
            _log.warning("token_refused", why=str(error))
            await problem_json(Unauthorised(detail="The token is not accepted."))(scope, receive, send)
        except (NoKeys, ProviderAway):
            away = Away(detail="The log-in service does not answer.")
            await answer_problem(Request(scope), away)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _identified(self, scope: Scope, send: Send) -> Send:
        """Note the caller on the scope; the `send` to go on with sets or ends the cookie where that is needed."""
        headers = Headers(scope=scope)
        if (authorisation := headers.get("authorization")) is not None:
            note(scope, actor=await self._tokens.actor(_bearer(authorisation)))
            return send
        cookies = "; ".join(headers.getlist("cookie"))
        if not self._sessions.carried(cookies):
            return send
        session = self._sessions.read(cookies, now())
        current = await self._current(scope, session) if session else None
        if current is None:
            return _with_cookie(send, self._sessions.end_cookie())
        return send if current is session else _with_cookie(send, self._sessions.set_cookie(current))

    async def _current(self, scope: Scope, session: Session) -> Session | None:
        """The log-in, renewed when its token has run out; None when it is over."""
        try:
            actor = await self._tokens.actor(session.access)
        except ExpiredToken:
            renewed = await self._sessions.renew(session, now())
            if renewed is None:
                return None
            session = renewed
            actor = await self._tokens.actor(session.access)
        except BadToken:
            return None
        note(scope, actor=actor, session=session.id)
        return session


def _bearer(authorisation: str) -> str:
    scheme, _, token = authorisation.partition(" ")
    if scheme.lower() != "bearer":
        raise BadToken("not a bearer token")
    return token.strip()


def _with_cookie(send: Send, cookie: str) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append(_COOKIE, cookie)
        await send(message)

    return add
