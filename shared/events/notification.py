"""What became of a message; its words and addresses stay in notifications' store."""

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Fact
from shared.events.vocabulary import Audience, Channel, FailureReason, WithheldReason


class _AboutMessage(Fact):
    message_id: UUID
    kind: str
    audience: Audience
    channel: Channel


class MessageSent(_AboutMessage):
    """The mail server took the message, or the letter was posted."""

    name: ClassVar[str] = "message-sent"


class MessageFailed(_AboutMessage):
    """The message did not go, or nobody knows whether it did."""

    name: ClassVar[str] = "message-failed"
    reason: FailureReason


class MessageWithheld(_AboutMessage):
    """The message was not sent, on purpose."""

    name: ClassVar[str] = "message-withheld"
    reason: WithheldReason
