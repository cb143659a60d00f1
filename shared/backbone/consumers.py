"""What a service does when it hears of something: one entry per event, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import from_json
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
ContactHandler = Callable[[Tx, Event[ContactStated] | Tombstone], Awaitable[None]]
AnyHandler = Callable[[Tx, Any], Awaitable[None]]


class Unreadable(Exception):
    """A record that no retry can heal: no JSON, no envelope, a body that breaks its contract. It is parked at once."""

    event_id: UUID | None = None

    def __init__(self, type_: str | None = None) -> None:
        """`type_` is the event's type, when at least that could be read and is ours to handle."""
        self.type = type_


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a stream as it arrived; `value` None is a tombstone."""

    stream: str
    partition: int
    position: int
    key: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Work:
    """A record read, and the handler that is to be given it."""

    record: Record
    event_id: UUID | None
    type: str
    event: Event[Any] | Tombstone
    handle: AnyHandler


async def handle(tx: Tx, work: Work) -> None:
    """Give an event to its handler, with the event as the cause of whatever it records.

    The session is left empty, so that the next event of the batch reads what is so, and not what this one had read.
    """
    event = work.event
    if isinstance(event, Event):
        tx.correlation, tx.causation, tx.traceparent = event.correlation, event.id, event.traceparent
    else:
        tx.correlation, tx.causation, tx.traceparent = str(new_id()), None, None
    with bound_contextvars(correlation=tx.correlation, event_id=str(work.event_id or "")):
        await work.handle(tx, event)
    if tx.session.new or len(tx.session.identity_map):
        await tx.session.flush()
        tx.session.expunge_all()


class Consumers:
    """A service's dispatch table, by stream and event type."""

    def __init__(self, service: str) -> None:
        """`service` names the consumer group and the actor that handlers run as."""
        self.service = service
        self.streams: dict[str, Stream] = {}
        self._table: dict[tuple[str, str], tuple[type[Event[Any]], AnyHandler]] = {}
        self._erasures: dict[str, ContactHandler] = {}

    def on(self, fact: type[F]) -> Callable[[Handler[F]], Handler[F]]:
        """Handle events of this fact: inside the batch's transaction, events seen before already dropped."""

        def register(handler: Handler[F]) -> Handler[F]:
            self._enter(stream_of(fact), fact, handler)
            return handler

        return register

    def on_contact(self, stream: Stream) -> Callable[[ContactHandler], ContactHandler]:
        """Handle a sealed stream: contacts as they are stated, and tombstones, which may come more than once."""

        def register(handler: ContactHandler) -> ContactHandler:
            self._enter(stream, ContactStated, handler)
            self._erasures[stream.name] = handler
            return handler

        return register

    def _enter(self, stream: Stream, fact: type[Fact], handler: AnyHandler) -> None:
        place = stream.name, fact.type_name()
        if place in self._table:
            raise ValueError(f"{self.service} already handles {place}")
        if self.service not in stream.readers:
            raise ValueError(f"{self.service} is no reader of {stream.name}")
        self.streams[stream.name] = stream
        self._table[place] = Event[fact], handler  # type: ignore[valid-type]

    @property
    def handled(self) -> frozenset[tuple[str, str]]:
        """Stream and event type of everything this service acts on."""
        return frozenset(self._table)

    def read(self, record: Record) -> Work | None:
        """The work a record means for this service; None when its type is not ours to handle. Raises `Unreadable`."""
        if record.value is None:
            return self._erasure(record)
        envelope = _envelope(record.value)
        entry = self._table.get((record.stream, str(envelope.get("type"))))
        if entry is None:
            return None
        model, handler = entry
        try:
            event = model.model_validate(envelope)
        except ValidationError as error:
            raise Unreadable(str(envelope["type"])) from error
        return Work(record, event.id, event.type, event, handler)

    def _erasure(self, record: Record) -> Work:
        handler = self._erasures.get(record.stream)
        if handler is None:
            raise Unreadable
        try:
            erased = Tombstone(record.stream, UUID(record.key))
        except ValueError as error:
            raise Unreadable from error
        return Work(record, None, "tombstone", erased, handler)


def _envelope(value: bytes) -> Mapping[str, object]:
    """The JSON object of a record, parsed once; only the event's own model looks inside."""
    try:
        envelope = from_json(value)
    except ValueError as error:
        raise Unreadable from error
    if not isinstance(envelope, dict):
        raise Unreadable
    return envelope
