"""The keys of a network on one machine: made once, kept in its folder, read by nobody else."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from joserfc.jwk import ECKey

from shared.runtime.sealing import new_pair

_KID = "kith-embedded"


@dataclass(frozen=True, slots=True)
class Keyring:
    """`signing` is a private JWK as JSON; the contact keys are PEM texts."""

    signing: str = field(repr=False)
    cookie_key: str = field(repr=False)
    person_key: str = field(repr=False)
    contact_public: str
    contact_private: str = field(repr=False)

    def signing_key(self) -> ECKey:
        return ECKey.import_key(json.loads(self.signing))


def _made() -> Keyring:
    signing = ECKey.generate_key("P-256", parameters={"kid": _KID, "alg": "ES256", "use": "sig"})
    public, private = new_pair()
    return Keyring(
        signing=json.dumps(signing.as_dict(private=True)),
        cookie_key=secrets.token_urlsafe(48),
        person_key=secrets.token_urlsafe(48),
        contact_public=public,
        contact_private=private,
    )


def keyring(folder: Path) -> Keyring:
    """The folder's keys; made, with mode 0600, when there are none yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "keyring.json"
    if not path.exists():
        half = path.with_suffix(".half")
        half.touch(0o600)
        half.write_text(json.dumps(asdict(_made())))
        half.replace(path)
    known = Keyring(**json.loads(path.read_text()))
    jwks_path(folder).write_text(json.dumps({"keys": [known.signing_key().as_dict(private=False)]}))
    return known


def jwks_path(folder: Path) -> Path:
    """Where the public half of the signing key lies."""
    return folder / "jwks.json"
