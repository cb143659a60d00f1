"""The identity provider's public keys, from a file or an address, kept for a while and never without bounds."""

import asyncio
import json
import time
from pathlib import Path

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

_KEPT_SECONDS = 600.0
_SHORTEST_WAIT = 10.0
_LARGEST_BYTES = 100_000
_MOST_KEYS = 50

PublicKey = ECKey | OKPKey | RSAKey


class NoKeys(Exception):
    """The keys cannot be had at the moment."""


class Keys:
    """`source` is a path or an http(s) address of a JWKS document."""

    def __init__(self, source: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._source, self._transport = source, transport
        self._known: dict[str, PublicKey] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def find(self, kid: str) -> PublicKey | None:
        """The key of this id. An unknown id makes us look again, but not more often than every ten seconds."""
        age = time.monotonic() - self._read_at
        if age > _KEPT_SECONDS or (kid not in self._known and age > _SHORTEST_WAIT):
            await self._read()
        return self._known.get(kid)

    async def _read(self) -> None:
        async with self._reading:
            if time.monotonic() - self._read_at < _SHORTEST_WAIT:
                return
            try:
                self._known = _public_keys(await self._text())
            except (OSError, httpx.HTTPError, ValueError, LookupError, TypeError, JoseError) as error:
                if not self._known:
                    raise NoKeys(type(error).__name__) from error
            self._read_at = time.monotonic()

    async def _text(self) -> bytes:
        if not self._source.startswith(("http://", "https://")):
            return (await asyncio.to_thread(Path(self._source).read_bytes))[: _LARGEST_BYTES + 1]
        async with httpx.AsyncClient(timeout=3, follow_redirects=False, transport=self._transport) as client:
            async with client.stream("GET", self._source) as response:
                response.raise_for_status()
                return await _bounded(response)


async def _bounded(response: httpx.Response) -> bytes:
    content = b""
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _LARGEST_BYTES:
            break
    return content


def _public_keys(content: bytes) -> dict[str, PublicKey]:
    """The signing keys by id; a secret key ("oct") or one without an id is left out."""
    if len(content) > _LARGEST_BYTES:
        raise ValueError("the key document is too large")
    listed = json.loads(content)["keys"][:_MOST_KEYS]
    usable = [key for key in listed if key.get("kid") and key.get("kty") in ("EC", "OKP", "RSA")]
    keys = KeySet.import_key_set({"keys": usable}).keys
    return {str(key.kid): key for key in keys if isinstance(key, ECKey | OKPKey | RSAKey)}
