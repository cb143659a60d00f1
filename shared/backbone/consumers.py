"""What a service does when it hears of something: one entry per event, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from pydantic import ValidationError
from structlog.contextvars import bound_contextvars

from shared.events.contact import ContactStated
from shared.events.envelope import Event, Fact
from shared.events.streams import Stream, stream_of
from shared.runtime.ids import new_id
from shared.runtime.store import Tx

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The owner of a contact stream erased what it had said under this key."""

    stream: str
    contact_id: UUID


Handler = Callable[[Tx, Event[F]], Awaitable[None]]
SetHandler = Callable[[Tx, Sequence[Event[Any]]], Awaitable[None]]
ContactHandler = Callable[[Tx, Sequence[Event[ContactStated] | Tombstone]], Awaitable[None]]
AnyHandler = Callable[[Tx, Any], Awaitable[None]]


class Unreadable(Exception):
    """A record that no retry can heal: no JSON, no envelope, a body that breaks its contract. It is parked at once."""

    def __init__(self, type_: str | None = None) -> None:
        """`type_` is the event's type, when at least that could be read and is ours to handle."""
        self.type = type_


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of a stream as it arrived; `value` None is a tombstone."""

    stream: str
    partition: int
    position: int
    key: str
    value: bytes | None


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """What is looked at of every record, ours to handle or not; the event's own model reads the rest."""

    id: str = ""
    type: str = ""
    subject: str = ""
    sequence: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a service does with one type of event: one at a time, or all of a batch at once (`many`)."""

    model: type[Event[Any]]
    handler: AnyHandler
    many: bool = False


class Work(msgspec.Struct, frozen=True, gc=False):
    """A record read, and the handler that is to be given it."""

    record: Record
    event_id: UUID | None
    type: str
    event: Event[Any] | Tombstone
    handle: AnyHandler
    many: bool = False


_envelope = msgspec.json.Decoder(Envelope)


def look(value: bytes) -> Envelope | None:
    """The envelope of a record; None when it has none that could be read."""
    try:
        return _envelope.decode(value)
    except msgspec.MsgspecError:
        return None


async def handle(tx: Tx, work: Work) -> None:
    """Give an event to its handler, with the event as the cause of whatever it records.

    The session is left empty, so that the next event of the batch reads what is so, and not what this one had read.
    """
    event = work.event
    if work.many:
        await handle_many(tx, work.handle, [event])
        return
    if isinstance(event, Event):
        tx.correlation, tx.causation, tx.traceparent = event.correlation, event.id, event.traceparent
    else:
        tx.correlation, tx.causation, tx.traceparent = str(new_id()), None, None
    with bound_contextvars(correlation=tx.correlation, event_id=str(work.event_id or "")):
        await work.handle(tx, event)
    await _empty(tx)


async def handle_many(tx: Tx, handler: AnyHandler, events: Sequence[Event[Any] | Tombstone]) -> None:
    """Give a set handler its events; what it records names no cause."""
    tx.correlation, tx.causation, tx.traceparent = str(new_id()), None, None
    await handler(tx, events)
    await _empty(tx)


async def _empty(tx: Tx) -> None:
    if tx.session.new or len(tx.session.identity_map):
        await tx.session.flush()
        tx.session.expunge_all()


@dataclass(frozen=True, slots=True)
class Projection:
    """What is derived from these streams alone, so that it can be cleared and heard anew."""

    name: str
    streams: tuple[Stream, ...]
    tables: tuple[str, ...]


class Consumers:
    """A service's dispatch table, by stream and event type."""

    def __init__(self, service: str) -> None:
        """`service` names the consumer group and the actor that handlers run as."""
        self.service = service
        self.streams: dict[str, Stream] = {}
        self._types: dict[str, dict[str, Entry]] = {}
        self._erasures: dict[str, ContactHandler] = {}
        self._fed: dict[str, str] = {}
        self.projections: dict[str, Projection] = {}

    def projection(self, name: str, *, streams: Sequence[Stream], tables: Sequence[str]) -> None:
        """Say, before its handlers, what is derived from streams alone; all they feed, `into` this, is in `tables`.

        Hearing a stream anew repeats all that is done with it: one that feeds anything else cannot feed a projection.
        """
        for stream in streams:
            if stream.name in self._types or stream.name in self._fed:
                raise ValueError(f"{stream.name} feeds more in {self.service} than {name}")
            self._fed[stream.name] = name
        self.projections[name] = Projection(name, tuple(streams), tuple(tables))

    def on(self, fact: type[F], *, into: str | None = None) -> Callable[[Handler[F]], Handler[F]]:
        """Handle events of this fact: inside the batch's transaction, events seen before already dropped.

        `into` names the projection that it feeds.
        """

        def register(handler: Handler[F]) -> Handler[F]:
            self._enter(stream_of(fact), fact, handler, into=into)
            return handler

        return register

    def on_many(
        self, stream: Stream, *facts: type[Fact], into: str | None = None
    ) -> Callable[[SetHandler], SetHandler]:
        """Handle all new events of these facts that a batch brings, in the log's order, in one call.

        What it does may hang neither on the order between keys nor on what single handlers did in the same batch.
        """

        def register(handler: SetHandler) -> SetHandler:
            for fact in facts:
                self._enter(stream, fact, handler, many=True, into=into)
            return handler

        return register

    def on_contacts(self, stream: Stream) -> Callable[[ContactHandler], ContactHandler]:
        """Handle a sealed stream, all of a batch in one call and in the log's order: contacts as they are stated, and
        tombstones, which may come more than once."""

        def register(handler: ContactHandler) -> ContactHandler:
            self._enter(stream, ContactStated, handler, many=True)
            self._erasures[stream.name] = handler
            return handler

        return register

    def _enter(
        self, stream: Stream, fact: type[Fact], handler: AnyHandler, *, many: bool = False, into: str | None = None
    ) -> None:
        if self._fed.get(stream.name) != into:
            raise ValueError(f"{stream.name} feeds {self._fed.get(stream.name)} in {self.service}, and not {into}")
        types = self._types.setdefault(stream.name, {})
        if fact.type_name() in types:
            raise ValueError(f"{self.service} already handles {stream.name}, {fact.type_name()}")
        if self.service not in stream.readers or fact not in stream.facts:
            raise ValueError(f"{self.service} is no reader of {fact.type_name()} on {stream.name}")
        self.streams[stream.name] = stream
        types[fact.type_name()] = Entry(Event[fact], handler, many)  # type: ignore[valid-type]

    @property
    def handled(self) -> frozenset[tuple[str, str]]:
        """Stream and event type of everything this service acts on."""
        return frozenset((stream, type_) for stream, types in self._types.items() for type_ in types)

    def takes_sets(self, stream: str) -> bool:
        """Whether all that is done with a stream is done with many events at once."""
        return all(entry.many for entry in self._types[stream].values())

    def hears(self, stream: str, type_: str) -> bool:
        """Whether this type of event is this service's to handle."""
        return type_ in self._types[stream]

    def read(self, record: Record, envelope: Envelope | None = None) -> Work | None:
        """The work a record means for this service; None when its type is not ours to handle. Raises `Unreadable`.

        `envelope` is what `look` gave, when it was looked at before.
        """
        if record.value is None:
            return self._erasure(record)
        envelope = envelope or look(record.value)
        if envelope is None:
            raise Unreadable
        entry = self._types[record.stream].get(envelope.type)
        if entry is None:
            return None
        try:
            event = entry.model.model_validate_json(record.value)
        except ValidationError as error:
            raise Unreadable(envelope.type) from error
        return Work(record, event.id, event.type, event, entry.handler, entry.many)

    def _erasure(self, record: Record) -> Work:
        if record.stream not in self._erasures:
            raise Unreadable
        try:
            erased = Tombstone(record.stream, UUID(record.key))
        except ValueError as error:
            raise Unreadable from error
        return Work(record, None, "tombstone", erased, self._erasures[record.stream], many=True)
