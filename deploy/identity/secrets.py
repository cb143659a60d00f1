"""All secrets of a network, made once as files: `kith secrets make`.

One file a secret, named as the setting it becomes, so that a container is given only those it needs.
"""

import base64
import json
import secrets
from pathlib import Path

from joserfc.jwk import ECKey, KeySet

from shared.runtime.sealing import new_pair

SERVICES = ("referral", "directory", "notifications", "reporting")


class AlreadyThere(Exception):
    """The folder holds secrets already; making them anew would lock the network out of its own data."""


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def signing_pair() -> tuple[str, str]:
    """A fresh ES256 key as JSON texts: (private key, public key set)."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    public = KeySet([key]).as_dict(private=False)
    return json.dumps(key.as_dict(private=True)), json.dumps(public)


def _databases(host: str) -> dict[str, str]:
    files = {"postgres_password": secrets.token_urlsafe(24)}
    for service in SERVICES:
        for role, file in (("owner", "owner_url"), ("app", "database_url")):
            password = secrets.token_urlsafe(24)
            files[f"{service}_{role}_password"] = password
            files[f"{service}_{file}"] = f"postgresql+asyncpg://{service}_{role}:{password}@{host}/kith_{service}"
    return files


def contents(database_host: str) -> dict[str, str]:
    """File name → text of every secret a network needs."""
    private, public = signing_pair()
    contact_public, contact_private = new_pair()
    return {
        "signing_key.json": private,
        "jwks.json": public,
        "cookie_key": _random(),
        "person_key": _random(),
        "contact_public_key": contact_public,
        "contact_private_key": contact_private,
        "smtp_password": "",
        **_databases(database_host),
    }


def make(folder: Path, database_host: str = "postgres:5432") -> list[str]:
    """Write the secrets and return their names; `AlreadyThere` when there are some.

    The folder is closed to others on the host; the files are readable, since containers read them as other users.
    """
    if folder.exists() and any(path.name != "README" for path in folder.iterdir()):
        raise AlreadyThere(f"{folder} holds secrets already; nothing was changed")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    files = contents(database_host)
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o444)
    return sorted(files)
