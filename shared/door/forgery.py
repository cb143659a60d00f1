"""Keeps other sites from acting in a person's name: the hidden token of every form, and where a request came from."""

import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.door.sealer import Sealer

_SIGNED_IN, _PUBLIC = "form", "form-public"


def form_token(sealer: Sealer, session: str | None) -> str:
    """The token of one form: bound to the log-in, or, on a public page, ours alone and never expiring."""
    if session:
        return sealer.tag(_SIGNED_IN, session)
    nonce = secrets.token_urlsafe(12)
    return f"{nonce}.{sealer.tag(_PUBLIC, nonce)}"


def is_ours(sealer: Sealer, session: str | None, token: str) -> bool:
    """Whether the token was made by us for this log-in (or for the public, when nobody is logged in)."""
    if session:
        return hmac.compare_digest(token.encode(), sealer.tag(_SIGNED_IN, session).encode())
    nonce, _, tag = token.partition(".")
    return bool(nonce) and hmac.compare_digest(tag.encode(), sealer.tag(_PUBLIC, nonce).encode())


def from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that another site made it send this.

    `Sec-Fetch-Site` where the browser sends it, else `Origin` against `Host`. A client that sends neither is no
    browser acting for someone: the token decides.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")
