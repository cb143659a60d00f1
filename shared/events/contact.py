"""How to reach somebody: sealed on the wire, open only in the service that sends messages."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.envelope import Fact
from shared.events.vocabulary import Channel
from shared.runtime.sealing import Sealed


class ContactDetails(BaseModel):
    """What lies inside the seal. `kind` is person, link-worker, referrer or provider.

    `unsafe` forbids every channel; `what_to_call` is how a message greets.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    what_to_call: str
    full_name: str
    notify_by: Channel = Channel.NONE
    unsafe: bool = False
    email: str | None = None
    phone: str | None = None
    address_lines: tuple[str, ...] = ()
    postcode: str | None = None
    language: str = "en"
    large_print: bool = False


class ContactStated(Fact):
    """A contact as it stands at a version, sealed."""

    name: ClassVar[str] = "contact-stated"
    contact_id: UUID
    contact_version: int = Field(ge=1)
    sealed: Sealed
