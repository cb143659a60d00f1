"""Puts a service behind its front door: identity, safe headers, refusals, its own routes, health and contracts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.backbone.running import Backbone
from shared.door.assets import Assets, assets_router
from shared.door.doorway import Doorway, open_door
from shared.door.headers import SafeHeaders
from shared.door.identity import Identity
from shared.door.keys import Keys
from shared.door.pages import Pages
from shared.door.refusals import install_refusals
from shared.door.sealer import Sealer
from shared.door.service import MenuItem as MenuItem
from shared.door.service import Service as Service
from shared.door.sessions import Sessions
from shared.door.tokens import Tokens
from shared.runtime.settings import Settings
from shared.runtime.store import Store

LARGEST_BODY = 1_000_000


def build_app(service: Service, settings: Settings, store: Store, backbone: Backbone) -> FastAPI:
    """The service's whole app; nothing connects before its lifespan starts."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with backbone.running():
            yield
        await store.close()

    app = FastAPI(
        title=f"Kith {service.title}",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=LARGEST_BODY,
    )
    assets, sealer = Assets(service.name, settings.assets), Sealer(settings.cookie_key)
    pages = Pages(service, assets, sealer)
    open_door(app, Doorway(service, settings, store, backbone, pages, sealer))
    install_refusals(app, service.errors)
    for router in (*service.routers, assets_router(service.name, assets)):
        app.include_router(router)
    app.add_middleware(
        Identity,
        tokens=Tokens(settings.issuer, settings.audience, Keys(settings.jwks)),
        sessions=Sessions(settings, sealer),
        open_paths=[f"/{service.name}/{part}" for part in ("assets/", "health/", "metrics")],
    )
    app.add_middleware(SafeHeaders, secure=not settings.embedded)
    return app
