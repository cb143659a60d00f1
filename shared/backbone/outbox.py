"""Saying what happened: an event is written beside the change it tells of, in one transaction, and travels later."""

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from shared.events.contact import ContactDetails, ContactStated
from shared.events.envelope import SEQUENCE_DIGITS, Event, Fact
from shared.events.streams import Stream, stream_of
from shared.runtime.actor import system
from shared.runtime.ids import new_id
from shared.runtime.sealing import seal
from shared.runtime.store import Store, Tx

# A broker refuses records over 1 MB; what it would refuse must never enter the outbox, where it would block its key.
LARGEST = 900_000

# The counter's row lock makes writers of one subject commit in the order of their numbers.
_RECORD = f"""
WITH turn AS (
    INSERT INTO event_sequence AS s (subject, next) VALUES (:subject, 2)
    ON CONFLICT (subject) DO UPDATE SET next = s.next + 1
    RETURNING s.next - 1 AS number)
INSERT INTO outbox (stream, key, payload)
SELECT :stream, :key, convert_to(:before || lpad(number::text, {SEQUENCE_DIGITS}, '0') || :after, 'UTF8') FROM turn
RETURNING seq
"""  # noqa: S608 - the digits are a constant of the envelope
_OLDEST = "SELECT extract(epoch FROM clock_timestamp() - recorded_at) AS age FROM outbox ORDER BY seq LIMIT 1"
_ERASE = "INSERT INTO outbox (stream, key, payload) VALUES (:stream, :key, NULL) RETURNING seq"


class NotOurs(ValueError):
    """A service tried to speak on a stream that another owns."""


class TooLarge(ValueError):
    """An event is larger than any broker takes."""


class Backlogged(Exception):
    """What was said before has waited too long to be sent: nothing more is taken in until it is under way."""


async def record(
    tx: Tx,
    fact: Fact,
    *,
    subject: UUID | str,
    key: UUID | str,
    time: datetime,
    pcn: str | None = None,
) -> UUID:
    """Record a fact in the caller's transaction and return the event's id; one round trip.

    `subject` is what the fact is about, `key` orders it on its stream, `time` says when it happened (aware).
    """
    return await _record(tx, stream_of(type(fact)), fact, subject=str(subject), key=str(key), time=time, pcn=pcn)


async def record_contact(
    tx: Tx,
    stream: Stream,
    contact: ContactDetails | None,
    *,
    contact_id: UUID,
    version: int,
    time: datetime,
    public_key: X25519PublicKey,
) -> None:
    """Record how somebody is reached, sealed for the one service that may know; None erases what was said before."""
    if contact is None:
        await _write(tx, stream, _ERASE, key=str(contact_id))
        return
    plain = contact.model_dump_json(exclude_defaults=True).encode()
    sealed = seal(plain, recipient=public_key, topic=stream.name, contact_id=contact_id, version=version)
    fact = ContactStated(contact_id=contact_id, contact_version=version, sealed=sealed)
    await _record(tx, stream, fact, subject=str(contact_id), key=str(contact_id), time=time)


async def oldest_unsent(store: Store) -> float:
    """How many seconds the oldest event has waited to be sent; 0 when none waits."""
    async with store.transaction(system(store.service)) as tx:
        rows = await tx.rows(_OLDEST)
    return float(rows[0]["age"]) if rows else 0.0


async def _record(
    tx: Tx, stream: Stream, fact: Fact, *, subject: str, key: str, time: datetime, pcn: str | None = None
) -> UUID:
    # Typed by the fact's own class: typed as Fact, only what every fact has would be written.
    model: type[Event[Fact]] = Event[type(fact)]  # type: ignore[assignment, misc]
    event = model(
        id=new_id(),
        source=tx.service,
        type=fact.type_name(),
        subject=subject,
        time=time,
        key=key,
        sequence=0,
        correlation=tx.correlation,
        causation=tx.causation,
        traceparent=tx.traceparent,
        pcn=pcn,
        data=fact,
    )
    before, after = _around_sequence(event)
    await _write(tx, stream, _RECORD, key=key, subject=subject, before=before, after=after)
    return event.id


def _around_sequence(event: Event[Fact]) -> tuple[str, str]:
    """The event's text before and after its number, which only the database can give."""
    wire = event.wire()
    if len(wire) > LARGEST:
        raise TooLarge(event.type)
    before, _zeros, after = wire.decode().partition(f'"sequence":"{0:0{SEQUENCE_DIGITS}}')
    return before + '"sequence":"', after


async def _write(tx: Tx, stream: Stream, sql: str, **values: str) -> None:
    if stream.owner != tx.service:
        raise NotOurs(f"{tx.service} does not own {stream.name}")
    if tx.backlogged:
        raise Backlogged
    await tx.rows(sql, stream=stream.name, **values)
    tx.recorded += 1
