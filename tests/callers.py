"""Callers for tests at a service's door: a token for anybody, and a client that carries it."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI
from joserfc.jwk import ECKey

from deploy.embedded.issuing import PROGRAM_LIFE, Issuer, Person
from shared.runtime.actor import Role
from shared.runtime.clock import now

ISSUER = "https://identity.kith.example"
COOKIE_KEY = "a-cookie-key-for-tests-only-0123456789"


@dataclass
class Callers:
    """An identity provider of the test's own; `jwks` is what the service reads its keys from."""

    folder: Path
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", parameters={"kid": "test", "alg": "ES256"}))

    @property
    def jwks(self) -> str:
        path = self.folder / "jwks.json"
        path.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))
        return str(path)

    def token(self, *roles: Role, organisations: Iterable[str] = (), subject: str = "somebody") -> str:
        person = Person(subject, "Some Body", roles, tuple(organisations))
        return Issuer(ISSUER, "kith", self.key, [person]).access(person, now(), PROGRAM_LIFE)

    @asynccontextmanager
    async def client(
        self, app: FastAPI, *roles: Role, organisations: Iterable[str] = ()
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A client of the app; without roles, nobody's."""
        headers = {"authorization": f"Bearer {self.token(*roles, organisations=organisations)}"} if roles else {}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://kith.test", headers=headers) as client:
            yield client
