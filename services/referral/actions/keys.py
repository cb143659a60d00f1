"""The two keys that making a referral needs: one to recognise a person, one to seal how they are reached."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from shared.runtime.sealing import public_key
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Keys:
    """`person` keys the hashes of who has an open referral; `contact` is the public key of who may read contacts."""

    person: bytes = field(repr=False)
    contact: X25519PublicKey


def keys_from(settings: Settings) -> Keys:
    """The keys a deployment was given; ValueError when it was given none, since an empty key protects nobody."""
    person = settings.person_key.get_secret_value().encode()
    if not person or not settings.contact_public_key:
        raise ValueError("referral needs a person key and a contact public key")
    return Keys(person=person, contact=public_key(settings.contact_public_key))
