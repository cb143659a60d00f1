"""A sealed contact opens for its recipient, at its place and version, and nowhere else."""

from uuid import UUID

import pytest

from shared.runtime import sealing

CONTACT = UUID("0199c0de-0000-7000-8000-000000000001")
PUBLIC, PRIVATE = sealing.new_pair()


def _sealed(plain: bytes = b"07700 900 866") -> sealing.Sealed:
    key = sealing.public_key(PUBLIC)
    return sealing.seal(plain, recipient=key, topic="referral-contacts", contact_id=CONTACT, version=2)


def _open(sealed: sealing.Sealed, **place: object) -> bytes:
    where: dict[str, object] = {"topic": "referral-contacts", "contact_id": CONTACT, "version": 2, **place}
    return sealing.unseal(sealed, own=sealing.private_key(PRIVATE), **where)  # type: ignore[arg-type]


def test_the_recipient_reads_what_was_sealed() -> None:
    assert _open(_sealed()) == b"07700 900 866"


@pytest.mark.parametrize(
    "place",
    [{"topic": "directory-contacts"}, {"contact_id": UUID(int=7)}, {"version": 1}],
    ids=["topic", "id", "version"],
)
def test_a_record_moved_elsewhere_does_not_open(place: dict[str, object]) -> None:
    with pytest.raises(sealing.CannotUnseal):
        _open(_sealed(), **place)


@pytest.mark.parametrize("part", ["key", "nonce", "ciphertext"])
def test_a_changed_record_does_not_open(part: str) -> None:
    sealed = _sealed()
    text = getattr(sealed, part)
    flipped = ("B" if text[0] == "A" else "A") + text[1:]
    with pytest.raises(sealing.CannotUnseal):
        _open(sealed.model_copy(update={part: flipped}))


def test_another_recipient_cannot_read_it() -> None:
    other = sealing.private_key(sealing.new_pair()[1])
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal(_sealed(), own=other, topic="referral-contacts", contact_id=CONTACT, version=2)


def test_two_seals_of_one_text_differ() -> None:
    assert _sealed().ciphertext != _sealed().ciphertext
