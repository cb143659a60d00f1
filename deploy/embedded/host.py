"""The four services, the log-in and the mailbox in one process behind one address, over engines that already run.

`python -m deploy.embedded.host [--empty] HANDOVER`, started by the supervisor; stops on SIGTERM within ten seconds.
"""

import argparse
import asyncio
import contextlib
import importlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.databases import SERVICES
from deploy.embedded import mailbox
from deploy.embedded.handover import Handover
from deploy.embedded.issuing import Issuer
from deploy.embedded.keyring import Keyring, jwks_path, keyring
from deploy.embedded.living.mark import Mark
from deploy.embedded.living.opening import open_all, open_filled, unless
from deploy.embedded.people import demonstration_people
from deploy.embedded.sign_in import create as create_sign_in
from shared.backbone.topics import make_topics
from shared.runtime.logs import configure, logger
from shared.runtime.migrations import upgrade
from shared.runtime.settings import Settings

FRONT = "referral"
_PATIENCE_SECONDS = 15.0
_AGAIN_SECONDS = 1.0
_FAREWELL_SECONDS = 3
_log = logger(__name__)


def settings_of(service: str, handover: Handover, keys: Keyring, smtp_port: int) -> Settings:
    """One service's settings; the private contact key is for its one reader."""
    store = handover.stores[service]
    return Settings.model_validate(
        {
            "service": service,
            "database_url": store.database_url,
            "kafka": handover.kafka,
            "stream_prefix": handover.stream_prefix,
            "static_members": True,
            "issuer": f"{handover.base_url}/sign-in",
            "jwks": str(jwks_path(handover.keys)),
            "token_endpoint": f"{handover.base_url}/sign-in/renew",
            "cookie_key": keys.cookie_key,
            "person_key": keys.person_key if service == "referral" else "",
            "contact_public_key": keys.contact_public,
            "contact_private_key": keys.contact_private if service == "notifications" else "",
            "smtp_port": smtp_port,
            "mailbox": handover.data / "mailbox",
            "base_url": handover.base_url,
            "embedded": True,
            "json_logs": not sys.stderr.isatty(),
        }
    )


class Front:
    """Sends each request to the app that owns its path; `/`, help and accessibility are referral's."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        """`apps` by the first part of their paths; each keeps its full paths."""
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = scope["path"].split("/", 2)[1]
        await self._apps.get(first, self._apps[FRONT])(scope, receive, send)


async def prepare(handover: Handover) -> None:
    """Migrations, one service after the other: Alembic's context is one per process."""
    for service in SERVICES:
        await upgrade(service, handover.stores[service].owner_url)


async def keep_topics(kafka: str, prefix: str) -> None:
    """Make the topics, however long the broker is away."""
    while True:
        try:
            await make_topics(kafka, prefix)
            return
        except Exception as error:  # noqa: BLE001 - the broker is away or on its way up: it is asked again
            _log.warning("topics_wait", error=type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)


@asynccontextmanager
async def topics(kafka: str, prefix: str) -> AsyncIterator[None]:
    """The topics are there, or are still being tried for when the broker takes longer than the host waits."""
    making = asyncio.create_task(keep_topics(kafka, prefix))
    await asyncio.wait([making], timeout=_PATIENCE_SECONDS)
    try:
        yield
    finally:
        making.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await making


def create_services(handover: Handover, keys: Keyring, smtp_port: int) -> dict[str, FastAPI]:
    """The four apps, each by its own wiring."""
    made: dict[str, FastAPI] = {}
    for service in SERVICES:
        create = importlib.import_module(f"services.{service}.app").create
        made[service] = create(settings_of(service, handover, keys, smtp_port))
    return made


@asynccontextmanager
async def network(
    handover: Handover, *, empty: bool, stopping: Callable[[], bool]
) -> AsyncIterator[dict[str, ASGIApp]]:
    """The whole network running in this process; the apps by the first part of their paths.

    Unless it is to stay `empty`, it is filled before anybody is let in, or until `stopping` says so.
    """
    keys = keyring(handover.keys)
    async with AsyncExitStack() as running:
        await prepare(handover)
        await running.enter_async_context(topics(handover.kafka, handover.stream_prefix))
        port = await running.enter_async_context(mailbox.serving(handover.data / "mailbox", 0))
        services = create_services(handover, keys, port)
        mark = Mark(handover.data)
        if empty or mark.whole:
            await open_all(services, running)
        else:
            await unless(stopping, open_filled(services, running, mark, teller(handover)))
        settings = settings_of(FRONT, handover, keys, port)
        issuer = Issuer(settings.issuer, settings.audience, keys.signing_key(), demonstration_people())
        sign_in = create_sign_in(settings, issuer)
        yield {**services, "sign-in": sign_in, "sign-out": sign_in}


def teller(handover: Handover) -> Callable[[str], None]:
    """Says how far the first start is, with its seconds, among the supervisor's own lines."""

    def say(what: str) -> None:
        print(f"{time.time() - handover.began:6.1f} s  {what}", flush=True)

    return say


def application(handover: Handover, *, empty: bool, stopping: Callable[[], bool]) -> ASGIApp:
    """One ASGI app whose lifespan is the network's."""
    apps: dict[str, ASGIApp] = {}
    front = Front(apps)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with network(handover, empty=empty, stopping=stopping) as found:
            apps.update(found)
            yield

    lived = Starlette(lifespan=lifespan)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        await (lived if scope["type"] == "lifespan" else front)(scope, receive, send)

    return dispatch


def arguments() -> argparse.Namespace:
    """`handover` is the file's path; `empty`: carry nothing in and invent nobody."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--empty", action="store_true", help="open without the carried borough and invented people")
    parser.add_argument("handover", type=Path)
    return parser.parse_args()


def main() -> None:
    """Serve until told to stop."""
    given = arguments()
    handover = Handover.read(given.handover)
    os.umask(0o077)
    configure(Settings(json_logs=not sys.stderr.isatty()))
    config = uvicorn.Config(
        application(handover, empty=given.empty, stopping=lambda: server.should_exit),
        host="127.0.0.1",
        port=handover.port,
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_FAREWELL_SECONDS,
    )
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(1)


if __name__ == "__main__":
    main()
