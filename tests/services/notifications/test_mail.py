"""The conversation with a real mail server, and what is known after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.embedded.mailbox import serving
from deploy.embedded.process import free_port
from services.notifications.actions.sending import Outgoing
from services.notifications.domain.contact import Channel, Contact
from services.notifications.domain.preparing import About, Ready
from services.notifications.domain.telling import Audience, Occasion
from services.notifications.domain.words import Matter, words_for
from services.notifications.mail import Outcome, SmtpMailer
from shared.runtime.ids import new_id
from shared.runtime.settings import Settings

MATTER = Matter(reference="K7F-3QD", team="Łódź and Elm PCN", link_worker="Zoë Żak")


def outgoing(email: str = "rosa@kith.example") -> Outgoing:
    about = About(Occasion.REFERRAL_ALLOCATED, Audience.PERSON, new_id())
    contact = Contact(new_id(), 1, what_to_call="Rosa", email=email)
    words = words_for(about.occasion, about.audience, MATTER)
    return Outgoing(new_id(), about, Ready(Channel.EMAIL, contact, words, MATTER))


def mailer(port: int) -> SmtpMailer:
    return SmtpMailer(Settings(smtp_host="127.0.0.1", smtp_port=port))


class Refusing:
    """A mail server that answers as it is told, at the recipient or after the text."""

    def __init__(self, recipient: str = "250 OK", text: str = "250 OK") -> None:
        self.recipient, self.text = recipient, text

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        if self.text == "hang up":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return self.text


@asynccontextmanager
async def server(handler: Refusing) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(handler, hostname="kith.example", loop=loop), "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


async def test_a_message_lies_in_the_mailbox_when_the_mail_server_has_said_yes(tmp_path: Path) -> None:
    message = outgoing()
    async with serving(tmp_path / "box", 0) as port:
        assert await mailer(port).deliver(message) is Outcome.TAKEN
        assert len(list((tmp_path / "box" / "new").iterdir())) == 1
    (content,) = [file.read_bytes() for file in (tmp_path / "box" / "new").iterdir()]
    kept = BytesParser(policy=policy.default).parsebytes(content)
    assert kept["To"] == "rosa@kith.example"
    assert kept["Subject"] == "A message from Łódź and Elm PCN"
    assert kept["Message-ID"] == f"<{message.message_id}@kith.example>"
    body = kept.get_body()
    assert body is not None
    assert body.get_content_type() == "text/plain"
    assert "Zoë Żak is your link worker." in body.get_content()


@pytest.mark.parametrize(
    ("handler", "outcome"),
    [
        (Refusing(recipient="550 No such mailbox"), Outcome.REFUSED),
        (Refusing(recipient="451 Try later"), Outcome.NOT_NOW),
        (Refusing(text="554 Refused"), Outcome.REFUSED),
        (Refusing(text="452 Full, try later"), Outcome.NOT_NOW),
        (Refusing(text="hang up"), Outcome.NOT_KNOWN),
    ],
    ids=lambda value: str(value) if isinstance(value, Outcome) else f"{value.recipient}, {value.text}",
)
async def test_what_a_refusal_means(handler: Refusing, outcome: Outcome) -> None:
    async with server(handler) as port:
        assert await mailer(port).deliver(outgoing()) is outcome


async def test_a_mail_server_that_is_away_is_tried_again_later() -> None:
    assert await mailer(free_port()).deliver(outgoing()) is Outcome.NOT_NOW


@pytest.mark.parametrize(
    "address", ["rosa@kith.example\r\nBcc: all@kith.example", "rosa@kith.example, all@kith.example"]
)
async def test_an_address_that_would_add_a_recipient_is_refused(address: str, tmp_path: Path) -> None:
    async with serving(tmp_path / "box", 0) as port:
        assert await mailer(port).deliver(outgoing(address)) is Outcome.REFUSED
        assert list((tmp_path / "box" / "new").iterdir()) == []
