"""Seals what the browser carries for us (log-in, answers of a long form), so that nobody can read or change it."""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

_NONCE = 12
_SHORTEST_KEY = 32


class WeakKey(ValueError):
    """The cookie key is missing or too short to keep a log-in safe."""


class Sealer:
    """AES-256-GCM and HMAC-SHA-256 under keys derived from the network's cookie key, one key per purpose."""

    def __init__(self, key: SecretStr) -> None:
        """`key`: at least 32 characters, the same for all four services."""
        if len(key.get_secret_value()) < _SHORTEST_KEY:
            raise WeakKey("KITH_COOKIE_KEY must have at least 32 characters")
        self._key = key.get_secret_value().encode()

    def seal(self, purpose: str, plain: bytes) -> str:
        """The sealed text, safe in a cookie or a form field."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self._derived(purpose)).encrypt(nonce, plain, purpose.encode())
        return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def open(self, purpose: str, text: str) -> bytes | None:
        """What was sealed, or None when it was not sealed by us for this purpose."""
        try:
            raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return AESGCM(self._derived(purpose)).decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode())
        except (ValueError, InvalidTag):
            return None

    def tag(self, purpose: str, text: str) -> str:
        """A tag that only we can make for this text."""
        return hmac.new(self._derived(purpose), text.encode(), hashlib.sha256).hexdigest()

    def _derived(self, purpose: str) -> bytes:
        return hmac.new(self._key, b"kith:" + purpose.encode(), hashlib.sha256).digest()
