"""The tables each service keeps beside its own: what it has to say, what it heard, what falls due, what was asked."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

# A table that empties as fast as it fills is vacuumed by rows changed, never by a share of its size.
HOT = {"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000}


def backbone_tables(metadata: MetaData) -> None:
    """Add the backbone's tables to a service's metadata, so that its first migration creates them."""
    _outbox(metadata)
    _inbox(metadata)
    _parked(metadata)
    _timer(metadata)
    _idempotency(metadata)


def _required(name: str, kind: type | object, **more: object) -> Column[object]:
    return Column(name, kind, nullable=False, **more)  # type: ignore[arg-type]


def _moment(name: str) -> Column[object]:
    """A moment that the database's own clock gives when nobody else does."""
    return _required(name, DateTime(timezone=True), server_default=text("clock_timestamp()"))


def _outbox(metadata: MetaData) -> None:
    """`payload` is the record's value exactly as it goes on the wire; NULL is a tombstone."""

    def said() -> tuple[Column[object], ...]:
        payload: Column[object] = Column("payload", LargeBinary)
        return _required("stream", Text), _required("key", Text), payload, _moment("recorded_at")

    Table(
        "outbox",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        *said(),
        postgresql_with=HOT,
    )
    sent = Column("seq", BigInteger, primary_key=True, autoincrement=False)
    by_time = Index("outbox_sent_at", "sent_at", postgresql_using="brin")  # costs a row next to nothing
    Table("outbox_sent", metadata, sent, *said(), _moment("sent_at"), by_time)
    _republish(metadata)
    counters = Column("subject", Text, primary_key=True), _required("next", BigInteger)
    Table("event_sequence", metadata, *counters, postgresql_with={"fillfactor": 70, **HOT})


def _republish(metadata: MetaData) -> None:
    """A window of what was sent, to be sent again. `since`, `until`, `stream` and `key` narrow it; NULL does not.

    Rows of the archive after `after_seq` and up to `upto_seq` are still to go; `sent` of `total` have gone. `trouble`
    is the class of the error that the last try met.
    """
    when = DateTime(timezone=True)
    window: tuple[Column[object], ...] = (
        Column("since", when),
        Column("until", when),
        Column("stream", Text),
        Column("key", Text),
    )
    Table(
        "republish",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        *window,
        _required("after_seq", BigInteger),
        _required("upto_seq", BigInteger),
        _required("total", BigInteger),
        _required("sent", BigInteger, server_default=text("0")),
        _required("asked_by", Text),
        _moment("asked_at"),
        Column("done_at", when),
        Column("trouble", Text),
    )


def _inbox(metadata: MetaData) -> None:
    """Which events were heard, and how far each partition was read; both change with the effect, in its transaction."""
    Table(
        "inbox",
        metadata,
        Column("stream", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        _moment("seen_at"),
        Index("inbox_seen_at", "seen_at", postgresql_using="brin"),
    )
    _positions(metadata)


def _positions(metadata: MetaData) -> None:
    """`first_offset`: where reading began, so what came before is not missed. `rebuild_to`: the end of the log when
    it was last to be heard anew, NULL once that is reached. `replaced`: the broker has another log than was read.

    `heard_subject.next` is the sequence due for a subject; from `skipped_from` on, if it is not NULL, some numbers
    before that may have been passed over on purpose.
    """
    Table(
        "consumer_position",
        metadata,
        Column("stream", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        _required("next_offset", BigInteger),
        _moment("moved_at"),
        _required("first_offset", BigInteger, server_default=text("0")),
        Column("rebuild_to", BigInteger),
        _required("replaced", Boolean, server_default=text("false")),
        postgresql_with={"fillfactor": 50, **HOT},
    )
    Table(
        "heard_subject",
        metadata,
        Column("stream", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        _required("next", BigInteger),
        Column("skipped_from", BigInteger),
        postgresql_with={"fillfactor": 70, **HOT},
    )


def _parked(metadata: MetaData) -> None:
    """Events put aside, in order of arrival. `next_at` NULL: tries are used up, an operator decides.

    `attempts` 0: never tried, it waits behind an earlier one of its key. `sequence` is set on one that came too early:
    it waits until its `subject` has come so far, and nothing waits behind it.
    """

    def came_from() -> tuple[Column[object], ...]:
        id_: Column[object] = Column("event_id", Uuid)
        type_: Column[object] = Column("type", Text)
        place = _required("stream", Text), _required("partition", Integer), _required("position", BigInteger)
        return *place, _required("key", Text), id_, type_

    def how_it_went() -> tuple[Column[object], ...]:
        return _required("attempts", Integer), _required("error_class", Text), _moment("put_aside_at")

    Table(
        "parked_event",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        *came_from(),
        Column("payload", LargeBinary),
        *how_it_went(),
        Column("next_at", DateTime(timezone=True)),
        Column("subject", Text),
        Column("sequence", BigInteger),
        Index("parked_event_key", "stream", "key", "id"),
        Index("parked_event_due", "next_at"),
        Index("parked_event_early", "stream", "subject", "sequence", postgresql_where=text("sequence IS NOT NULL")),
        postgresql_with=HOT,
    )
    discarded = _required("discarded_by", Text), _required("reason", Text), _moment("discarded_at")
    place = Column("id", BigInteger, primary_key=True, autoincrement=False)
    Table("discarded_event", metadata, place, *came_from(), *how_it_went(), *discarded)


def _timer(metadata: MetaData) -> None:
    """One per kind and subject. `due` is what was promised, `fire_at` the next try."""
    Table(
        "timer",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("subject", Uuid, primary_key=True),
        _required("due", DateTime(timezone=True)),
        _required("fire_at", DateTime(timezone=True)),
        _required("data", JSONB),
        _required("attempts", Integer, server_default=text("0")),
        Index("timer_fire_at", "fire_at"),
    )


def _idempotency(metadata: MetaData) -> None:
    """The answer once given to a caller's key, so that the same request gets it again; NULL until it is known."""
    Table(
        "idempotency",
        metadata,
        Column("key", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        _required("fingerprint", LargeBinary),
        Column("status", SmallInteger),
        Column("location", Text),
        Column("answer", LargeBinary),
        _moment("created_at"),
        Index("idempotency_created_at", "created_at"),
    )
