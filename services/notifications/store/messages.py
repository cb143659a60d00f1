"""Messages, to and from their rows."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlmodel import col, select

from services.notifications.domain.contact import Channel
from services.notifications.domain.delivery import Delivery, State, Waiting
from services.notifications.domain.news import Telling
from services.notifications.domain.preparing import About
from services.notifications.domain.telling import Audience, Occasion
from services.notifications.store.rows import MessageRow
from shared.runtime.ids import new_id
from shared.runtime.store import Tx

LATELY = timedelta(days=1)
_INSERT = """
INSERT INTO message (id, event_id, occasion, audience, referral_id, request_id, activity_id, pcn, happened_at,
                     recorded_at, correlation, state, waiting, tries, reason, version)
SELECT id, event_id, occasion, audience, referral_id, request_id, activity_id, pcn, happened_at,
       clock_timestamp(), correlation, 'queued', '', 0, '', 1
FROM jsonb_populate_recordset(CAST(NULL AS message), CAST(:said AS jsonb))
ON CONFLICT DO NOTHING
"""
_WAKE = """
UPDATE message SET due = NULL, waiting = '', waits_for = NULL, version = version + 1
WHERE waits_for = ANY(CAST(:which AS uuid[])) AND state = 'queued'
"""
# Those who bring something share the lock until they commit; who would wait for something holds it alone.
_ARRIVING = "SELECT pg_advisory_xact_lock_shared(hashtext('kith-notifications-arrivals'))"
_NONE_ARRIVES = "SELECT pg_advisory_xact_lock(hashtext('kith-notifications-arrivals'))"
_RECONSIDER = """
UPDATE message SET state = 'queued', channel = NULL, due = NULL, version = version + 1
WHERE contact_id = ANY(CAST(:contacts AS uuid[])) AND state = 'to_print'
"""


def about_of(row: MessageRow) -> About:
    """What the message is about."""
    return About(Occasion(row.occasion), Audience(row.audience), row.referral_id, row.request_id, row.activity_id)


def delivery_of(row: MessageRow) -> Delivery:
    """How far the message has come."""
    channel = Channel(row.channel) if row.channel else None
    waiting = Waiting(row.waiting)
    return Delivery(State(row.state), channel, waiting, row.waits_for, row.tries, row.due, row.settled_at, row.reason)


async def add(tx: Tx, said: Sequence[Telling]) -> None:
    """Write messages down; the same audience of the same event (or of a first attendance) is written once."""
    rows = [
        {
            "id": new_id(),
            "event_id": one.event_id,
            **asdict(one.about),
            "pcn": one.pcn,
            "happened_at": one.at,
            "correlation": one.correlation,
        }
        for one in said
    ]
    if rows:
        await tx.run(_INSERT, said=msgspec.json.encode(rows).decode())


async def wake(tx: Tx, which: Collection[UUID]) -> None:
    """What queued messages waited for is here: look at them now."""
    if which:
        await tx.rows(_ARRIVING)
        await tx.run(_WAKE, which=list(which))


async def let_none_arrive(tx: Tx) -> None:
    """Wait until what is arriving is there for all to see; nothing that wakes arrives before this transaction ends."""
    await tx.rows(_NONE_ARRIVES)


async def reconsider_letters(tx: Tx, contacts: Collection[UUID]) -> None:
    """How they are reached has changed: a letter not yet posted may now be unsafe, unwanted or an email."""
    await tx.run(_RECONSIDER, contacts=list(contacts))


async def next_due(tx: Tx, now: datetime) -> MessageRow | None:
    """The queued message that is next to be looked at, locked; one that another hand holds is passed over.

    What happened lately goes before what is old already: a long backlog must not hold up today's news.
    """
    due = (col(MessageRow.due).is_(None)) | (col(MessageRow.due) <= now)
    found = select(MessageRow).where(MessageRow.state == State.QUEUED, due)
    old, due_first = col(MessageRow.happened_at) < now - LATELY, col(MessageRow.due).asc().nulls_first()
    ordered = found.order_by(old, due_first, col(MessageRow.recorded_at)).limit(1)
    return (await tx.session.exec(ordered.with_for_update(skip_locked=True))).first()


async def left_sending(tx: Tx) -> list[MessageRow]:
    """Messages whose sending was begun and never finished."""
    found = select(MessageRow).where(MessageRow.state == State.SENDING).with_for_update()
    return list((await tx.session.exec(found)).all())


async def load(tx: Tx, message_id: UUID) -> MessageRow | None:
    """One message, locked."""
    found = select(MessageRow).where(MessageRow.id == message_id).with_for_update()
    return (await tx.session.exec(found)).first()


def save(tx: Tx, row: MessageRow, delivery: Delivery) -> None:
    """Write how far a message that we hold locked has come."""
    for name in Delivery.__slots__:
        setattr(row, name, getattr(delivery, name))
    row.version += 1
    tx.session.add(row)


async def forget(tx: Tx, row: MessageRow) -> None:
    """Drop a message that turned out to have nobody to go to."""
    await tx.session.delete(row)
