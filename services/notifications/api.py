"""What became of the messages about a referral, for the screens and programs of others: states, never words."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.notifications.actions.scope import networks_of, sees_the_borough
from services.notifications.store import reading
from services.notifications.store.rows import MessageRow
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.runtime.actor import Role

router = door("notifications")


class MessageOut(BaseModel):
    """One message. `kind` is the event it tells of, `reason` why it waits, failed or was withheld."""

    id: UUID
    kind: str
    audience: str
    state: str
    channel: str | None
    reason: str
    happened_at: datetime
    settled_at: datetime | None


class MessagesOut(BaseModel):
    """The messages about one referral, oldest first."""

    messages: list[MessageOut]


def _out(row: MessageRow) -> MessageOut:
    return MessageOut(
        id=row.id,
        kind=row.occasion,
        audience=row.audience,
        state=row.state,
        channel=row.channel,
        reason=row.reason or row.waiting,
        happened_at=row.happened_at,
        settled_at=row.settled_at,
    )


@router.get("/notifications/api/messages", dependencies=[allow(Role.LINK_WORKER, Role.TEAM_LEAD, Role.OPERATOR)])
async def messages(referral: UUID, caller: Caller) -> MessagesOut:
    """The messages about a referral of the caller's networks; an operator sees all."""
    async with caller.transaction() as tx:
        borough = sees_the_borough(caller.actor)
        rows = await reading.of_referral(tx, referral, networks_of(caller.actor), borough=borough)
    return MessagesOut(messages=[_out(row) for row in rows])
