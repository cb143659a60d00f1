"""Checks a signed token and says who it is about; whatever is not exactly right is refused."""

import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jws import extract_compact
from joserfc.jwt import JWTClaimsRegistry

from shared.door.keys import Keys
from shared.runtime.actor import Actor, Role, person, system

# Asymmetric only: a public key must never serve as a shared secret.
ALGORITHMS = ("ES256", "Ed25519", "RS256")
LEEWAY_SECONDS = 5
_LONGEST = 8_000
# A token that was verified is believed for so long, or until it expires: a key taken back is out soon after.
_BELIEVED_SECONDS = 60.0
_MOST_BELIEVED = 2_000
_MOST_ORGANISATIONS = 500
_KEYS_FROM_ELSEWHERE = frozenset({"jku", "jwk", "x5u", "x5c", "crit"})
# Nobody is given these by a token: the service acts as itself, the public has no account.
_GRANTED = {role.value: role for role in Role if role not in (Role.SYSTEM, Role.PERSON)}


_NEVER = (0.0, person())


class BadToken(Exception):
    """The token is not one we accept; the message says why, without quoting it."""


class ExpiredToken(BadToken):
    """The token was good and is too old."""


class Tokens:
    """Verifies tokens of one issuer for one audience. A signature costs more than the rest of a request's checks, so
    what was verified a moment ago is remembered: by the token's hash, for a minute, and not without bounds."""

    def __init__(self, issuer: str, audience: str, keys: Keys) -> None:
        self._keys = keys
        self._believed: dict[bytes, tuple[float, Actor]] = {}
        self._claims = JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True, "allow_blank": False},
            exp={"essential": True},
            iat={"essential": True},
        )

    async def actor(self, token: str) -> Actor:
        """Who the token is about. Raises `ExpiredToken` or `BadToken`, and `NoKeys` when the keys cannot be had."""
        if len(token) > _LONGEST:
            raise BadToken("too long")
        mark = sha256(token.encode()).digest()
        until, actor = self._believed.get(mark, _NEVER)
        return actor if time.time() < until else self._believe(mark, await self._verified(token))

    def _believe(self, mark: bytes, claims: Mapping[str, Any]) -> Actor:
        while len(self._believed) >= _MOST_BELIEVED:
            self._believed.pop(next(iter(self._believed)))
        until, actor = min(claims["exp"], time.time() + _BELIEVED_SECONDS), _actor(claims)
        self._believed[mark] = until, actor
        return actor

    async def _verified(self, token: str) -> Mapping[str, Any]:
        key = await self._keys.find(_key_id(token))
        if key is None:
            raise BadToken("signed with an unknown key")
        try:
            claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
        except ExpiredTokenError as error:
            raise ExpiredToken("expired") from error
        except (JoseError, ValueError, TypeError) as error:
            raise BadToken(type(error).__name__) from error
        return claims


def _key_id(token: str) -> str:
    """The id of the key that signed it, from a header that names an algorithm of ours and no key of its own."""
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError) as error:
        raise BadToken("not a signed token") from error
    if header.get("alg") not in ALGORITHMS:
        raise BadToken("signed with an algorithm that is not allowed")
    if _KEYS_FROM_ELSEWHERE.intersection(header):
        raise BadToken("names a key from elsewhere")
    return str(header.get("kid", ""))


def _actor(claims: Mapping[str, Any]) -> Actor:
    subject = claims["sub"]
    if not isinstance(subject, str):
        raise BadToken("subject is not text")
    if subject == person().subject or subject.startswith(system("").subject):
        raise BadToken("subject is one of our own")
    roles = frozenset(_GRANTED[role] for role in _texts(claims.get("roles")) if role in _GRANTED)
    organisations = frozenset(_texts(claims.get("orgs"))[:_MOST_ORGANISATIONS])
    said = {name: claims[name] for name in ("purpose", "name") if isinstance(claims.get(name), str)}
    return Actor(subject=subject, roles=roles, organisations=organisations, **said)


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
