"""Sealing: how a person's contact details travel so that one service alone can read them.

The details are encrypted with AES-256-GCM under a key of their own; that key is wrapped for the recipient by
HPKE (RFC 9180: X25519, HKDF-SHA-256, AES-128-GCM). Both are bound to topic, contact id and version.
"""

import base64
import os
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)


class CannotUnseal(Exception):
    """The record was sealed for another key, moved to another place, or changed."""


class Sealed(BaseModel):
    """A sealed record as it lies on a topic; all but `v` and `kid` is base64."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: int = 1
    kid: str
    key: str
    nonce: str
    ciphertext: str


@lru_cache(maxsize=16)
def public_key(pem: str) -> X25519PublicKey:
    """The recipient's public key from its PEM text."""
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, X25519PublicKey):
        raise TypeError("the contact key must be an X25519 public key")
    return key


def private_key(pem: str) -> X25519PrivateKey:
    """The recipient's private key from its PEM text."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, X25519PrivateKey):
        raise TypeError("the contact key must be an X25519 private key")
    return key


def new_pair() -> tuple[str, str]:
    """A fresh recipient's pair as PEM texts: (public, private)."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    plain = serialization.NoEncryption()
    secret = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return public.decode(), secret.decode()


def key_id(key: X25519PublicKey) -> str:
    """A short name for a public key, so that a reader knows which of its keys to use."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def _place(topic: str, contact_id: UUID, version: int) -> bytes:
    return f"{topic}|{contact_id}|{version}".encode()


def seal(plain: bytes, *, recipient: X25519PublicKey, topic: str, contact_id: UUID, version: int) -> Sealed:
    """Seal bytes for a recipient, bound to where they belong; `topic` is the stream's name without any prefix."""
    place, key, nonce = _place(topic, contact_id, version), AESGCM.generate_key(256), os.urandom(12)
    wrapped = _SUITE.encrypt(key, recipient, info=place)
    ciphertext = AESGCM(key).encrypt(nonce, plain, place)
    parts = (base64.b64encode(part).decode() for part in (wrapped, nonce, ciphertext))
    wrapped_text, nonce_text, ciphertext_text = parts
    return Sealed(kid=key_id(recipient), key=wrapped_text, nonce=nonce_text, ciphertext=ciphertext_text)


def unseal(sealed: Sealed, *, own: X25519PrivateKey, topic: str, contact_id: UUID, version: int) -> bytes:
    """The bytes again, or `CannotUnseal`."""
    place = _place(topic, contact_id, version)
    try:
        key = _SUITE.decrypt(base64.b64decode(sealed.key), own, info=place)
        return AESGCM(key).decrypt(base64.b64decode(sealed.nonce), base64.b64decode(sealed.ciphertext), place)
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal from error
