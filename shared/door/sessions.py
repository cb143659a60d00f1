"""A log-in as the browser carries it: a sealed cookie that all four services can open, and no store of sessions."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import httpx
from starlette.requests import cookie_parser

from shared.door.sealer import Sealer
from shared.runtime.settings import Settings

IDLE = timedelta(minutes=30)
_RENEWAL_SECONDS = 3.0


class ProviderAway(Exception):
    """The identity provider did not answer, so nobody can be let in on an old token."""


@dataclass(frozen=True, slots=True)
class Session:
    """`id` ties forms to this log-in; `seen` is the POSIX second in which its token was last renewed."""

    id: str = field(repr=False)
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seen: int


class Sessions:
    """Reads and writes the cookie. Its name carries `__Host-` where TLS is, and the port where it is not."""

    def __init__(self, settings: Settings, sealer: Sealer) -> None:
        self._settings, self._sealer = settings, sealer
        self.secure = not settings.embedded
        self.cookie = "__Host-kith" if self.secure else f"kith-{urlsplit(settings.base_url).port or 80}"

    def read(self, cookies: str, now: datetime) -> Session | None:
        """The log-in in a Cookie header; None when there is none, it is not ours, or it lay idle for 30 minutes."""
        plain = self._sealer.open("session", cookie_parser(cookies).get(self.cookie, ""))
        if plain is None:
            return None
        session = Session(**json.loads(plain))
        return session if now.timestamp() - session.seen <= IDLE.total_seconds() else None

    def carried(self, cookies: str) -> bool:
        """Whether the browser sent a cookie of that name at all."""
        return self.cookie in cookie_parser(cookies)

    def set_cookie(self, session: Session) -> str:
        """The Set-Cookie header of a log-in."""
        return self._header(
            self._sealer.seal("session", json.dumps(asdict(session)).encode()), int(IDLE.total_seconds())
        )

    def end_cookie(self) -> str:
        """The Set-Cookie header that logs out."""
        return self._header("", 0)

    async def renew(self, session: Session, now: datetime) -> Session | None:
        """The log-in with a fresh token; None when the provider refuses: the account was disabled, the log-in ended."""
        asked = {"grant_type": "refresh_token", "refresh_token": session.refresh, "client_id": self._settings.audience}
        try:
            async with httpx.AsyncClient(timeout=_RENEWAL_SECONDS) as client:
                answer = await client.post(self._settings.token_endpoint, data=asked)
        except httpx.HTTPError as error:
            raise ProviderAway from error
        if answer.status_code >= 500:
            raise ProviderAway
        if answer.status_code != 200:
            return None
        given = answer.json()
        fresh = given.get("refresh_token", session.refresh)
        return replace(session, access=given["access_token"], refresh=fresh, seen=int(now.timestamp()))

    def _header(self, value: str, seconds: int) -> str:
        cookie = SimpleCookie({self.cookie: value})
        morsel = cookie[self.cookie]
        morsel.update({"path": "/", "max-age": str(seconds), "samesite": "Lax"})
        return morsel.OutputString() + ("; HttpOnly; Secure" if self.secure else "; HttpOnly")
