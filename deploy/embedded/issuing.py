"""Signs tokens for the demonstration people, as an identity provider would."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jwt import JWTClaimsRegistry

from shared.runtime.actor import Role
from shared.runtime.ids import new_id

BROWSER_LIFE = timedelta(seconds=60)
PROGRAM_LIFE = timedelta(seconds=600)
LOG_IN_LIFE = timedelta(hours=12)
# A renewal token is for the issuer itself: no service accepts it as a caller's.
_RENEWAL_AUDIENCE = "kith-renewal"


@dataclass(frozen=True, slots=True)
class Person:
    """A demonstration person, as the identity provider knows them; `place` names where they work."""

    id: str
    name: str
    roles: tuple[Role, ...]
    organisations: tuple[str, ...]
    place: str = ""


class UnknownPerson(Exception):
    """Nobody of that id is listed, or the renewal token is not good any more."""


class Issuer:
    """The provider: who there is, and the key it signs with."""

    def __init__(self, issuer: str, audience: str, key: ECKey, people: Sequence[Person]) -> None:
        self._issuer, self._audience, self._key = issuer, audience, key
        self.people = {person.id: person for person in people}

    def person(self, id: str) -> Person:  # noqa: A002
        """Raises `UnknownPerson`."""
        try:
            return self.people[id]
        except KeyError:
            raise UnknownPerson(id) from None

    def public_keys(self) -> dict[str, object]:
        """The JWKS document."""
        return {"keys": [self._key.as_dict(private=False)]}

    def access(self, person: Person, now: datetime, life: timedelta) -> str:
        """A token that the four services accept for so long."""
        said = {
            "name": person.name,
            "roles": [role.value for role in person.roles],
            "orgs": list(person.organisations),
            "purpose": "direct-care",
        }
        return self._signed(person.id, self._audience, now, life, **said)

    def renewal(self, person: Person, now: datetime) -> str:
        """A token for which this provider alone gives fresh ones."""
        return self._signed(person.id, _RENEWAL_AUDIENCE, now, LOG_IN_LIFE)

    def renewed(self, token: str, now: datetime) -> Person:
        """Whose renewal token it is. Raises `UnknownPerson` when it is not good, or they are listed no more."""
        expected = JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": _RENEWAL_AUDIENCE},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=["ES256"]).claims
            expected.validate(claims)
        except (JoseError, ValueError) as error:
            raise UnknownPerson from error
        return self.person(str(claims["sub"]))

    def _signed(self, subject: str, audience: str, now: datetime, life: timedelta, **said: object) -> str:
        at = int(now.timestamp())
        claims = {"iss": self._issuer, "aud": audience, "sub": subject, "iat": at, "nbf": at, "jti": str(new_id())}
        header = {"alg": "ES256", "kid": self._key.kid}
        return jwt.encode(header, {**claims, "exp": at + int(life.total_seconds()), **said}, self._key)
