"""Tokens from the network's own key file, until an identity provider is configured: `kith token`."""

import json
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from shared.runtime.actor import Role
from shared.runtime.ids import new_id


def mint(
    key_file: Path,
    *,
    issuer: str,
    subject: str,
    roles: list[Role],
    organisations: list[str],
    name: str = "",
    seconds: int = 600,
    audience: str = "kith",
) -> str:
    """A signed token for a subject with roles and organisations, good for `seconds`."""
    key = ECKey.import_key(json.loads(key_file.read_text()))
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "name": name,
        "roles": [str(role) for role in roles],
        "orgs": organisations,
        "iat": now,
        "nbf": now,
        "exp": now + seconds,
        "jti": str(new_id()),
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
