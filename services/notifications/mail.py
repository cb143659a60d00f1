"""Speaking to the mail server, and knowing afterwards whether it took the message, refused it, or nobody can tell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from typing import Protocol

import aiosmtplib

from services.notifications.actions.sending import Outgoing
from services.notifications.domain.email import email_text
from shared.runtime.clock import now
from shared.runtime.settings import Settings

TIMEOUT_S = 20.0
# Not every mail server takes eight bits; names and dashes travel quoted.
SEVEN_BIT = SMTP_POLICY.clone(cte_type="7bit")


class Outcome(StrEnum):
    """What the mail server did with a message."""

    TAKEN = "taken"
    REFUSED = "refused"
    NOT_NOW = "not-now"
    NOT_KNOWN = "not-known"


class Mailer(Protocol):
    """Whoever hands messages to a mail server."""

    async def deliver(self, outgoing: Outgoing) -> Outcome:
        """Hand over one message; never raises for what a mail server or the network may do."""
        ...


def written(outgoing: Outgoing, sender: str) -> EmailMessage:
    """The email itself. Its Message-ID is made from the message's id, so that a second copy can be recognised."""
    ready, domain = outgoing.ready, parseaddr(sender)[1].rpartition("@")[2]
    name = ready.contact.what_to_call or ready.contact.full_name
    email = EmailMessage(policy=SEVEN_BIT)
    email["From"], email["To"], email["Subject"] = sender, ready.contact.email, ready.words.subject
    if [one.addr_spec for one in email["To"].addresses] != [ready.contact.email]:
        raise ValueError("one address and nothing else")
    email["Date"], email["Message-ID"] = format_datetime(now()), f"<{outgoing.message_id}@{domain}>"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(email_text(ready.words, outgoing.about.audience, ready.matter, name))
    return email


class SmtpMailer:
    """Hands messages to the configured mail server, one conversation each."""

    def __init__(self, settings: Settings) -> None:
        """Nothing connects until the first message."""
        self._settings = settings

    async def deliver(self, outgoing: Outgoing) -> Outcome:
        """One message, one conversation. Before its text is sent every trouble is passing; after it, none is."""
        try:
            email = written(outgoing, self._settings.smtp_sender)
            async with self._conversation() as server:
                return await self._hand_over(server, email, outgoing.ready.contact.email)
        except ValueError:  # an address or name that cannot stand in an email; nothing was said of its text
            return Outcome.REFUSED
        except (aiosmtplib.SMTPException, OSError):
            return Outcome.NOT_NOW

    @asynccontextmanager
    async def _conversation(self) -> AsyncIterator[aiosmtplib.SMTP]:
        told = self._settings
        server = aiosmtplib.SMTP(
            hostname=told.smtp_host,
            port=told.smtp_port,
            username=told.smtp_user or None,
            password=told.smtp_password.get_secret_value() or None,
            start_tls=told.smtp_tls,
            timeout=TIMEOUT_S,
        )
        await server.connect()
        try:
            yield server
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await server.quit()

    async def _hand_over(self, server: aiosmtplib.SMTP, email: EmailMessage, to: str) -> Outcome:
        try:
            await server.mail(parseaddr(self._settings.smtp_sender)[1])
            await server.rcpt(to)
        except aiosmtplib.SMTPResponseException as refusal:
            return _outcome(refusal.code)
        try:
            await server.data(email.as_bytes())
        except aiosmtplib.SMTPResponseException as refusal:
            return _outcome(refusal.code)
        except (aiosmtplib.SMTPException, OSError):
            return Outcome.NOT_KNOWN
        return Outcome.TAKEN


def _outcome(code: int) -> Outcome:
    """A mail server's refusal: 5xx is for ever, 4xx for now (RFC 5321, 4.2.1)."""
    return Outcome.REFUSED if code >= 500 else Outcome.NOT_NOW
