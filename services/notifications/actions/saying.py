"""Telling the network what became of a message: never its words, never where it went."""

from datetime import datetime
from uuid import UUID

from services.notifications.domain.contact import Withheld
from services.notifications.domain.delivery import Failure
from services.notifications.store.rows import MessageRow
from shared.backbone.outbox import record
from shared.events.envelope import Fact
from shared.events.notification import MessageFailed, MessageSent, MessageWithheld
from shared.events.vocabulary import Audience, Channel, FailureReason, WithheldReason
from shared.runtime.store import Tx

WITHHELD = {
    Withheld.UNSAFE: WithheldReason.UNSAFE,
    Withheld.ASKED_FOR_NONE: WithheldReason.NO_CHANNEL,
    Withheld.NO_USABLE_WAY: WithheldReason.NO_ADDRESS,
    Withheld.ERASED: WithheldReason.ERASED,
}
FAILED = {
    Failure.REFUSED: FailureReason.REFUSED,
    Failure.TRIES_USED_UP: FailureReason.REFUSED,
    Failure.NOT_KNOWN: FailureReason.NOT_KNOWN_WHETHER_SENT,
}


async def sent(tx: Tx, row: MessageRow, at: datetime) -> None:
    """An email was taken by the mail server, or a letter by the post."""
    audience, channel = Audience(row.audience), Channel(row.channel or Channel.NONE)
    fact = MessageSent(message_id=row.id, kind=row.occasion, audience=audience, channel=channel)
    await _record(tx, row.referral_id, row, fact, at)


async def failed(tx: Tx, row: MessageRow, at: datetime) -> None:
    """A message did not go, or nobody can tell; why stands on the row."""
    audience, channel = Audience(row.audience), Channel(row.channel or Channel.NONE)
    reason = FAILED[Failure(row.reason)]
    fact = MessageFailed(message_id=row.id, kind=row.occasion, audience=audience, channel=channel, reason=reason)
    await _record(tx, row.referral_id, row, fact, at)


async def withheld(tx: Tx, row: MessageRow, at: datetime) -> None:
    """A message was kept back on purpose; why stands on the row."""
    audience, reason = Audience(row.audience), WITHHELD[Withheld(row.reason)]
    fact = MessageWithheld(message_id=row.id, kind=row.occasion, audience=audience, channel=Channel.NONE, reason=reason)
    await _record(tx, row.referral_id, row, fact, at)


async def _record(tx: Tx, referral_id: UUID, row: MessageRow, fact: Fact, at: datetime) -> None:
    tx.causation, tx.correlation = row.event_id, row.correlation
    await record(tx, fact, subject=row.id, key=referral_id, time=at, pcn=row.pcn)
