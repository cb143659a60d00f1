"""Notifications, put together: `uvicorn --factory services.notifications.app:create`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI

from services.notifications import api
from services.notifications.actions.letters import NoSuchMessage
from services.notifications.consumers import consumers
from services.notifications.domain.delivery import NotPossible
from services.notifications.mail import SmtpMailer
from services.notifications.pages import letters, mailbox, messages
from services.notifications.sender import Sender
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.door.app import Service, build_app
from shared.runtime import sealing
from shared.runtime.logs import configure
from shared.runtime.settings import Settings
from shared.runtime.store import Store

STOP_S = 9.0

SERVICE = Service(
    name="notifications",
    title="Notifications",
    routers=(api.router, letters.router, messages.router, mailbox.router),
    errors={NoSuchMessage: 404, NotPossible: 409},
    templates=Path(__file__).parent / "templates",
)


def create(settings: Settings | None = None) -> FastAPI:
    """The service's app; nothing connects before its lifespan starts."""
    told = settings or Settings(service="notifications")
    configure(told)
    store = Store(told.database_url.get_secret_value(), "notifications", pool=told.database_pool)
    table = consumers(sealing.private_key(told.contact_private_key.get_secret_value()))
    app = build_app(SERVICE, told, store, Backbone(told, store, table, Timers()))
    _send_while_running(app, Sender(store, SmtpMailer(told), told.base_url))
    return app


def _send_while_running(app: FastAPI, sender: Sender) -> None:
    """Run the sender inside the app's own lifespan, so that it stops before the store closes."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: FastAPI) -> AsyncIterator[None]:
        async with inner(started):
            sending = asyncio.create_task(sender.run())
            try:
                yield
            finally:
                sender.stop()
                await asyncio.wait([sending], timeout=STOP_S)  # a message half sent would not be known to be sent
                sending.cancel()
                with suppress(asyncio.CancelledError):
                    await sending

    app.router.lifespan_context = lifespan
