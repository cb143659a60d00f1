"""Sending: make the next message ready, record that it is being sent, and note what became of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.actions import saying
from services.notifications.domain import delivery as rules
from services.notifications.domain.contact import Channel, Withheld
from services.notifications.domain.delivery import Delivery, State
from services.notifications.domain.preparing import About, Known, Missing, Nobody, Ready, prepare, wanted
from services.notifications.store import heard, messages, reading
from services.notifications.store.rows import MessageRow
from shared.runtime.ids import new_reference
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message recorded as being sent, with all that the mail server is to be told. Never logged."""

    message_id: UUID
    about: About
    ready: Ready


@dataclass(frozen=True, slots=True)
class Unready:
    """A message that misses something: it is to wait, unless that has arrived meanwhile."""

    message_id: UUID


async def gather(tx: Tx, about: About, base_url: str) -> Known:
    """Everything that has arrived of what a message needs."""
    referral = await heard.referral(tx, about.referral_id)
    request = await heard.request(tx, about.request_id)
    activity = await heard.activity(tx, about.activity_id)
    team = await heard.organisation_name(tx, referral.pcn) if referral else ""
    known = Known(referral, request, activity, {}, team, base_url)
    needed = {one.contact_id for one in wanted(about, known)}
    if referral and referral.link_worker:
        needed.add(referral.link_worker.contact_id)
    return Known(referral, request, activity, await heard.contacts(tx, needed), team, base_url)


async def take_next(tx: Tx, now: datetime, base_url: str) -> Outgoing | Unready | State | None:
    """Move the next due message on. None when nothing is due.

    An `Outgoing` is to be sent once this is committed, an `Unready` to be given to `let_wait`.
    """
    row = await messages.next_due(tx, now)
    if row is None:
        return None
    about = messages.about_of(row)
    known = await gather(tx, about, base_url)
    row.pcn = known.referral.pcn or None if known.referral else row.pcn
    prepared = prepare(about, known)
    if isinstance(prepared, Ready) and prepared.channel is Channel.EMAIL:
        row.contact_id = prepared.contact.contact_id
        messages.save(tx, row, rules.start_sending(messages.delivery_of(row)))
        return Outgoing(row.id, about, prepared)
    if isinstance(prepared, Missing):
        return Unready(row.id)
    return await _settle(tx, row, prepared, now)


async def let_wait(tx: Tx, message_id: UUID, now: datetime) -> None:
    """Let a message wait for what it misses, or leave it due when that has arrived meanwhile.

    In a transaction of its own: what is just arriving wakes those who wait already, so nobody may begin to wait for
    something between its arriving and its being there for all to see.
    """
    await messages.let_none_arrive(tx)
    row = await _load(tx, message_id)
    about, delivery = messages.about_of(row), messages.delivery_of(row)
    missing = prepare(about, await gather(tx, about, ""))
    if isinstance(missing, Missing):
        messages.save(tx, row, rules.wait_for(delivery, missing.what, missing.which, now))


async def _settle(tx: Tx, row: MessageRow, prepared: Nobody | Ready | Withheld, now: datetime) -> State:
    """What becomes of a message that is not an email ready to go."""
    delivery = messages.delivery_of(row)
    match prepared:
        case Nobody():
            await messages.forget(tx, row)
        case Ready(contact=contact):
            row.contact_id, row.reference = contact.contact_id, row.reference or await _letter_reference(tx)
            messages.save(tx, row, rules.to_print(delivery))
        case Withheld() as reason:
            messages.save(tx, row, rules.withhold(delivery, reason, now))
            await saying.withheld(tx, row, now)
    return State(row.state)


async def _letter_reference(tx: Tx) -> str:
    reference = new_reference()
    while await reading.reference_taken(tx, reference):
        reference = new_reference()
    return reference


async def note_sent(tx: Tx, message_id: UUID, now: datetime) -> None:
    """The mail server took the message."""
    row = await _load(tx, message_id)
    messages.save(tx, row, rules.sent(messages.delivery_of(row), now))
    await saying.sent(tx, row, now)


async def note_refused(tx: Tx, message_id: UUID, now: datetime) -> None:
    """The mail server will never take the message."""
    row = await _load(tx, message_id)
    await _fail(tx, row, rules.refused(messages.delivery_of(row), now), now)


async def note_put_off(tx: Tx, message_id: UUID, now: datetime) -> None:
    """The mail server surely did not take the message this time."""
    row = await _load(tx, message_id)
    delivery = rules.put_off(messages.delivery_of(row), now)
    if delivery.state is State.FAILED:
        await _fail(tx, row, delivery, now)
    else:
        messages.save(tx, row, delivery)


async def note_unsure(tx: Tx, message_id: UUID, now: datetime) -> None:
    """Nobody can tell whether the mail server took the message."""
    row = await _load(tx, message_id)
    await _fail(tx, row, rules.lose_track(messages.delivery_of(row), now), now)


async def lose_track_of_all(tx: Tx, now: datetime) -> int:
    """After a crash: every message whose sending was begun is not known to be sent. Returns how many."""
    rows = await messages.left_sending(tx)
    for row in rows:
        await _fail(tx, row, rules.lose_track(messages.delivery_of(row), now), now)
    return len(rows)


async def _load(tx: Tx, message_id: UUID) -> MessageRow:
    row = await messages.load(tx, message_id)
    if row is None:
        raise LookupError("a message being sent is never deleted")
    return row


async def _fail(tx: Tx, row: MessageRow, delivery: Delivery, now: datetime) -> None:
    messages.save(tx, row, delivery)
    await saying.failed(tx, row, now)
