"""What every answer tells the browser: load nothing from elsewhere, frame nothing, keep no page about a person."""

import base64
import hashlib
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from shared.door.visit import Visit, put
from shared.runtime.ids import new_id

# The one inline script, in NHS.UK's page template; its text is constant, so its hash does and pages need no nonce.
INLINE_SCRIPT = (
    "document.body.className += ' js-enabled' + "
    "('noModule' in HTMLScriptElement.prototype ? ' nhsuk-frontend-supported' : '');"
)
INLINE_HASH = base64.b64encode(hashlib.sha256(INLINE_SCRIPT.encode()).digest()).decode()
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        f"script-src 'self' 'sha256-{INLINE_HASH}'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": under it browsers send "Origin: null" with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
_TLS_ONLY = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
# Too long for an NHS number or a phone number, and no name: it goes into logs and events.
_CORRELATION = re.compile(rb"[0-9A-Fa-f-]{16,64}")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class SafeHeaders:
    """ASGI middleware, the outermost: headers on every answer, and the id under which its logs and events are found."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        headers = HEADERS | (_TLS_ONLY if secure else {})
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"])
        correlation = _accepted(_CORRELATION, given.get(b"x-correlation-id")) or str(new_id())
        put(scope, Visit(correlation=correlation, traceparent=_accepted(_TRACEPARENT, given.get(b"traceparent"))))
        with bound_contextvars(correlation=correlation):
            await self._app(scope, receive, self._adding(send, correlation))

    def _adding(self, send: Send, correlation: str) -> Send:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                named = {name.lower() for name, _ in own}
                added = [header for header in self._headers if header[0] not in named]
                message["headers"] = [*own, *added, (b"x-correlation-id", correlation.encode())]
            await send(message)

        return add


def _accepted(shape: re.Pattern[bytes], given: bytes | None) -> str | None:
    """What a caller gave, if it has the shape it should: it goes into logs and events."""
    return given.decode() if given and shape.fullmatch(given) else None
