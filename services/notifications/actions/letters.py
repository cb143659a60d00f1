"""Letters: lay one out for printing, and note that it was posted or a message is to go again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.actions import saying
from services.notifications.actions.scope import sees_the_borough
from services.notifications.actions.sending import gather
from services.notifications.domain import delivery as rules
from services.notifications.domain.contact import Contact
from services.notifications.domain.delivery import NotPossible
from services.notifications.domain.preparing import Ready, prepare
from services.notifications.domain.words import Matter, Words, team
from services.notifications.store import messages, reading
from services.notifications.store.rows import MessageRow
from shared.runtime.store import StaleVersion, Tx


class NoSuchMessage(Exception):
    """There is no such message, or the caller may not see it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is printed."""

    reference: str
    version: int
    posted_at: datetime | None
    dated: datetime
    sender: str
    to: Contact
    words: Words
    matter: Matter


async def find_letter(tx: Tx, reference: str, networks: Collection[str], now: datetime) -> Letter:
    """The letter with its words, put together from what is held now; `NoSuchMessage` when it is not theirs to see."""
    row = await _row(tx, reference, networks)
    about = messages.about_of(row)
    ready = prepare(about, await gather(tx, about, ""))
    if not isinstance(ready, Ready):
        raise NotPossible("This letter can no longer be printed: how to reach the person has changed.")
    posted_at = row.settled_at
    return Letter(
        reference,
        row.version,
        posted_at,
        posted_at or now,
        team(ready.matter),
        ready.contact,
        ready.words,
        ready.matter,
    )


async def post_letter(
    tx: Tx, reference: str, networks: Collection[str], *, expected: int | None, now: datetime
) -> None:
    """Somebody printed the letter and posted it; `expected` is the version they saw."""
    row = await _row(tx, reference, networks)
    if expected is not None and row.version != expected:
        raise StaleVersion
    messages.save(tx, row, rules.posted(messages.delivery_of(row), now))
    await saying.sent(tx, row, now)


async def send_again(tx: Tx, message_id: UUID, networks: Collection[str] | None, *, expected: int | None) -> None:
    """A person decided to send a failed or lost message once more. `networks` None: whoever runs the system."""
    row = await messages.load(tx, message_id)
    if row is None or not (networks is None or row.pcn is None or row.pcn in networks):
        raise NoSuchMessage("There is no such message.")
    if expected is not None and row.version != expected:
        raise StaleVersion
    messages.save(tx, row, rules.send_again(messages.delivery_of(row)))


async def _row(tx: Tx, reference: str, networks: Collection[str]) -> MessageRow:
    row = await reading.letter(tx, reference, networks, borough=sees_the_borough(tx.actor))
    if row is None:
        raise NoSuchMessage("There is no such letter, or it belongs to another network.")
    return row
