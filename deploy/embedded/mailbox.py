"""A mail server that delivers nothing: it keeps every message in a folder, for the embedded run and for tests.

python -m deploy.embedded.mailbox --port 2525 --folder .kith/mailbox
"""

import argparse
import asyncio
import mailbox
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


def keep(folder: Path, content: bytes) -> None:
    """Add one message to the Maildir; it is on the disk when this returns, so that "250" is never a lie."""
    box = mailbox.Maildir(folder)
    try:
        box.add(content)  # writes to tmp/, fsyncs, then links into new/
    finally:
        box.close()
    new = os.open(folder / "new", os.O_RDONLY)
    try:
        os.fsync(new)
    finally:
        os.close(new)


class Keeper:
    """What the mail server does with a message."""

    def __init__(self, folder: Path) -> None:
        """`folder` becomes a Maildir with the first message."""
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's name for: a whole message has come."""
        await asyncio.to_thread(keep, self._folder, bytes(envelope.original_content or b""))
        return "250 Kept"


@asynccontextmanager
async def serving(folder: Path, port: int, host: str = LOOPBACK) -> AsyncIterator[int]:
    """Serve in the running loop and give the port that was bound (`port` 0: a free one)."""
    loop = asyncio.get_running_loop()
    mailbox.Maildir(folder).close()
    server = await loop.create_server(lambda: SMTP(Keeper(folder), hostname="kith.example", loop=loop), host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def run(folder: Path, port: int, host: str) -> None:
    """Serve until stopped."""
    async with serving(folder, port, host) as bound:
        print(f"mailbox: {host}:{bound}, keeping messages in {folder}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run it alone, for a system that has no mail server of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--folder", type=Path, required=True)
    told = parser.parse_args()
    asyncio.run(run(told.folder, told.port, told.host))


if __name__ == "__main__":
    main()
