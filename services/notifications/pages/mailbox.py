"""The embedded mailbox: every message that the demonstration's mail server was handed. It exists nowhere else."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import HTMLResponse

from shared.door.caller import Caller, CallerAtDoor
from shared.door.guard import door, public
from shared.door.problems import NotFound

router = door("notifications")
PAGE = 25


@dataclass(frozen=True, slots=True)
class Mail:
    """One message; `number` counts from the oldest, so that it stays the same while others arrive."""

    number: int
    to: str
    sender: str
    subject: str
    sent_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """One page of the mailbox, newest first; `page` counts from 1."""

    mails: tuple[Mail, ...]
    total: int
    page: int

    @property
    def older(self) -> str:
        """The address of the next page, or ""."""
        return f"?page={self.page + 1}" if self.page * PAGE < self.total else ""

    @property
    def newer(self) -> str:
        """The address of the page before, or ""."""
        return f"?page={self.page - 1}" if self.page > 1 else ""


def _files(folder: Path) -> list[Path]:
    """Oldest first. Only the mail server writes here, one file a message."""
    found = [file for part in ("new", "cur") for file in (folder / part).glob("*")]
    return sorted(found, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _mail(number: int, file: Path) -> Mail:
    email: EmailMessage = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    body = email.get_body(("plain",))
    text = body.get_content() if body else ""
    sent_at = parsedate_to_datetime(email["Date"]) if email["Date"] else datetime.fromtimestamp(0, UTC)
    return Mail(number, str(email["To"]), str(email["From"]), str(email["Subject"]), sent_at, text)


def newest(folder: Path, page: int) -> MailboxPage:
    """One page of the messages."""
    files = list(enumerate(_files(folder), 1))
    asked = files[::-1][(page - 1) * PAGE : page * PAGE]
    return MailboxPage(tuple(_mail(number, file) for number, file in asked), len(files), page)


def numbered(folder: Path, number: int) -> Mail | None:
    """One message by its number."""
    files = _files(folder)
    return _mail(number, files[number - 1]) if 0 < number <= len(files) else None


def _folder(caller: CallerAtDoor) -> Path:
    if not caller.settings.embedded or caller.settings.mailbox is None:
        raise NotFound
    return caller.settings.mailbox


@router.get("/notifications/mailbox", dependencies=[public()], response_class=HTMLResponse, include_in_schema=False)
async def mailbox(caller: Caller, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
    """Every message, newest first."""
    found = await asyncio.to_thread(newest, _folder(caller), page)
    return caller.page("notifications/mailbox.html", box=found)


@router.get(
    "/notifications/mailbox/{number}", dependencies=[public()], response_class=HTMLResponse, include_in_schema=False
)
async def mail(number: int, caller: Caller) -> Response:
    """One message as it was sent."""
    found = await asyncio.to_thread(numbered, _folder(caller), number)
    if found is None:
        raise NotFound
    return caller.page("notifications/mail.html", mail=found)
