"""Sent twice, done once: the same key and the same words get the same answer, from the transaction that did it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from pydantic import BaseModel

from shared.door.problems import Conflict, Invalid
from shared.runtime.store import AnyTx

_LONGEST_KEY = 200
CLAIM = """
INSERT INTO idempotency (subject, key, fingerprint) VALUES ($1, $2, $3)
ON CONFLICT (subject, key) DO NOTHING RETURNING key
"""
KEEP = "UPDATE idempotency SET status = $3, location = $4, answer = $5 WHERE subject = $1 AND key = $2"
_FIND = """
SELECT fingerprint, status, location, answer FROM idempotency
WHERE subject = $1 AND key = $2 AND status IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that can be given again: JSON text of an API, or where a page goes on to and what it confirms."""

    status: int
    body: str = ""
    location: str = ""
    confirm: str = ""

    @classmethod
    def of(cls, model: BaseModel, status: int = 201) -> "Answer":
        """An API's answer."""
        return cls(status, body=model.model_dump_json())

    @classmethod
    def onward(cls, location: str, *, confirm: str = "") -> "Answer":
        """A page's answer: where the browser goes next."""
        return cls(303, location=location, confirm=confirm)

    @classmethod
    def again(cls, status: int, location: str, words: str) -> "Answer":
        """The answer as it was kept."""
        return cls.onward(location, confirm=words) if status == 303 else cls(status, words, location)

    @property
    def words(self) -> str:
        """What is kept besides status and address."""
        return self.confirm if self.status == 303 else self.body


def fingerprint(body: BaseModel) -> bytes:
    """Tells whether the same key came with another body."""
    return sha256(body.model_dump_json().encode()).digest()


async def once(tx: AnyTx, key: str | None, fingerprint: bytes, do: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do it, unless this caller has had it done under this key: then give the same answer.

    The key's row is inserted first, so that a second request with the same key waits in the store until the first has
    committed or rolled back. Raises `Invalid` (422) when the key comes with other words. Without a key, it is done.
    """
    if not key:
        return await do()
    if len(key) > _LONGEST_KEY:
        raise Invalid(f"An idempotency key has at most {_LONGEST_KEY} letters.")
    if await _claimed(tx, key, fingerprint):
        answer = await do()
        await _keep(tx, key, answer)
        return answer
    return await _kept(tx, key, fingerprint)


async def _claimed(tx: AnyTx, key: str, fingerprint: bytes) -> bool:
    return bool(await tx.fetch(CLAIM, tx.actor.subject, key, fingerprint))


async def _keep(tx: AnyTx, key: str, answer: Answer) -> None:
    await tx.fetch(KEEP, tx.actor.subject, key, answer.status, answer.location, answer.words.encode())


async def _kept(tx: AnyTx, key: str, fingerprint: bytes) -> Answer:
    found = await tx.fetch(_FIND, tx.actor.subject, key)
    if not found:
        raise Conflict(
            "Send it again: the first attempt did not finish.", title="This was sent twice", kind="unfinished"
        )
    row = found[0]
    if bytes(row["fingerprint"]) != fingerprint:
        raise Invalid("This idempotency key was used for something else.", kind="key-reused")
    return Answer.again(row["status"], row["location"] or "", bytes(row["answer"]).decode())
