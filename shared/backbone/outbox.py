"""Saying what happened: an event is written beside the change it tells of, in one transaction, and travels later."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from shared.events.contact import ContactDetails, ContactStated
from shared.events.envelope import SEQUENCE_DIGITS, Event, Fact
from shared.events.streams import Stream, stream_of
from shared.runtime.actor import system
from shared.runtime.ids import new_id
from shared.runtime.sealing import seal
from shared.runtime.store import AnyTx, Store

# A broker refuses records over 1 MB; what it would refuse must never enter the outbox, where it would block its key.
LARGEST = 900_000

# The counter's row lock makes writers of one subject commit in the order of their numbers. `still` counts the events of
# a subject from this one to the last that is said with it.
RECORD = f"""
said AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
        WITH ORDINALITY AS e (stream, key, subject, before, after, still, place)),
turn AS (
    INSERT INTO event_sequence AS s (subject, next)
    SELECT subject, 1 + count(*) FROM said GROUP BY subject ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET next = s.next + excluded.next - 1
    RETURNING subject, next)
INSERT INTO outbox (stream, key, payload)
SELECT stream, key, convert_to(before || lpad((next - still)::text, {SEQUENCE_DIGITS}, '0') || after, 'UTF8')
FROM said JOIN turn USING (subject) ORDER BY place
"""  # noqa: S608 - the digits are a constant of the envelope
_OLDEST = "SELECT extract(epoch FROM clock_timestamp() - recorded_at) AS age FROM outbox ORDER BY seq LIMIT 1"
# It has no number, but it takes its turn among what is said of the contact.
_ERASE = """
WITH turn AS (
    INSERT INTO event_sequence AS s (subject, next) VALUES ($2, 1)
    ON CONFLICT (subject) DO UPDATE SET next = s.next RETURNING subject)
INSERT INTO outbox (stream, key, payload) SELECT $1, subject, NULL FROM turn
"""


class NotOurs(ValueError):
    """A service tried to speak on a stream that another owns."""


class TooLarge(ValueError):
    """An event is larger than any broker takes."""


class Backlogged(Exception):
    """What was said before has waited too long to be sent: nothing more is taken in until it is under way."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event that is ready to be recorded: its text before and after its number, which only the database can give."""

    id: UUID
    stream: str
    key: str
    subject: str
    before: str
    after: str


async def record(
    tx: AnyTx,
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
    event = say(tx, fact, subject=subject, key=key, time=time, pcn=pcn)
    await record_many(tx, [event])
    return event.id


async def record_contact(
    tx: AnyTx,
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
        _may_say(tx, stream)
        await tx.fetch(_ERASE, stream.name, str(contact_id))
        tx.recorded += 1
        return
    event = say_contact(tx, stream, contact, contact_id=contact_id, version=version, time=time, public_key=public_key)
    await record_many(tx, [event])


async def record_many(tx: AnyTx, events: Sequence[Said], *, beside: str = "", values: Sequence[object] = ()) -> None:
    """Record events in this order, in one round trip. What changes with them may go in the same statement: `beside`
    is SQL of data-modifying CTEs, each ending in a comma, and `values` are its parameters, from $7 on."""
    left = Counter(event.subject for event in events)
    still = []
    for event in events:
        still.append(left[event.subject])
        left[event.subject] -= 1
    columns = (
        [event.stream for event in events],
        [event.key for event in events],
        [event.subject for event in events],
        [event.before for event in events],
        [event.after for event in events],
    )
    await tx.fetch(f"WITH {beside}{RECORD}", *columns, still, *values)
    tx.recorded += len(events)


def say(tx: AnyTx, fact: Fact, *, subject: UUID | str, key: UUID | str, time: datetime, pcn: str | None = None) -> Said:
    """The event that says this fact, for `record_many`."""
    return _say(tx, stream_of(type(fact)), fact, subject=str(subject), key=str(key), time=time, pcn=pcn)


def say_contact(
    tx: AnyTx,
    stream: Stream,
    contact: ContactDetails,
    *,
    contact_id: UUID,
    version: int,
    time: datetime,
    public_key: X25519PublicKey,
) -> Said:
    """The event that says how somebody is reached, sealed, for `record_many`."""
    plain = contact.model_dump_json(exclude_defaults=True).encode()
    sealed = seal(plain, recipient=public_key, topic=stream.name, contact_id=contact_id, version=version)
    fact = ContactStated(contact_id=contact_id, contact_version=version, sealed=sealed)
    return _say(tx, stream, fact, subject=str(contact_id), key=str(contact_id), time=time)


async def oldest_unsent(store: Store) -> float:
    """How many seconds the oldest event has waited to be sent; 0 when none waits."""
    async with store.transaction(system(store.service)) as tx:
        rows = await tx.rows(_OLDEST)
    return float(rows[0]["age"]) if rows else 0.0


def _say(
    tx: AnyTx, stream: Stream, fact: Fact, *, subject: str, key: str, time: datetime, pcn: str | None = None
) -> Said:
    _may_say(tx, stream)
    event = _event_of(type(fact))(
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
    return Said(event.id, stream.name, key, subject, before, after)


@cache
def _event_of(fact: type[Fact]) -> type[Event[Fact]]:
    """Typed by the fact's own class: typed as Fact, only what every fact has would be written. Kept here, since
    pydantic forgets a class that nobody holds and builds it anew."""
    return Event[fact]  # type: ignore[valid-type]


def _may_say(tx: AnyTx, stream: Stream) -> None:
    if stream.owner != tx.service:
        raise NotOurs(f"{tx.service} does not own {stream.name}")
    if tx.backlogged:
        raise Backlogged


def _around_sequence(event: Event[Fact]) -> tuple[str, str]:
    """The event's text before and after its number, which only the database can give."""
    wire = event.wire()
    if len(wire) > LARGEST:
        raise TooLarge(event.type)
    before, _zeros, after = wire.decode().partition(f'"sequence":"{0:0{SEQUENCE_DIGITS}}')
    return before + '"sequence":"', after
