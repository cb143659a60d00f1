"""Puts a service behind its front door: identity, safe headers, refusals, its own routes, health and contracts."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI

from shared.backbone.running import Backbone
from shared.door.assets import Assets, assets_router
from shared.door.contracts import contracts_router
from shared.door.direct import Directly
from shared.door.doorway import Doorway, open_door
from shared.door.figures import CountRequests, Figures
from shared.door.headers import SafeHeaders
from shared.door.health import health_router
from shared.door.identity import Identity
from shared.door.keys import Keys
from shared.door.operate import operate_api
from shared.door.operate_jobs import jobs_api
from shared.door.operate_page import operate_pages
from shared.door.pages import Pages
from shared.door.refusals import install_refusals
from shared.door.sealer import Sealer
from shared.door.service import Service as Service
from shared.door.sessions import Sessions
from shared.door.tokens import Tokens
from shared.runtime.settings import Settings
from shared.runtime.store import Store

LARGEST_BODY = 1_000_000


def build_app(service: Service, settings: Settings, store: Store, backbone: Backbone) -> FastAPI:
    """The service's whole app; nothing connects before its lifespan starts."""
    app = FastAPI(
        title=f"Kith {service.title}",
        lifespan=_lifespan(store, backbone),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=LARGEST_BODY,
    )
    assets, sealer, figures = Assets(service.name, settings.assets), Sealer(settings.cookie_key), Figures()
    doorway = Doorway(service, settings, store, backbone, Pages(service, assets, sealer), sealer)
    open_door(app, doorway)
    app.add_middleware(Directly, routers=service.routers)
    install_refusals(app, service.errors)
    for router in (*service.routers, *_common(app, doorway, assets, figures)):
        app.include_router(router)
    # The last added is the outermost: headers on every answer, then counting, then who is asking, then refusals.
    app.add_middleware(
        Identity,
        tokens=Tokens(settings.issuer, settings.audience, Keys(settings.jwks)),
        sessions=Sessions(settings, sealer),
        open_paths=[f"/{service.name}/{part}" for part in ("assets/", "health/", "metrics")],
    )
    app.add_middleware(CountRequests, figures=figures)
    app.add_middleware(SafeHeaders, secure=doorway.secure)
    return app


def _lifespan(store: Store, backbone: Backbone) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            async with backbone.running():
                yield
        finally:
            await store.close()

    return lifespan


def _common(app: FastAPI, doorway: Doorway, assets: Assets, figures: Figures) -> list[APIRouter]:
    """The routes that every service has."""
    service, backbone = doorway.service, doorway.backbone
    operate, jobs = operate_api(service.name, backbone), jobs_api(service.name, backbone)
    return [
        health_router(service.name, backbone, figures),
        operate,
        jobs,
        operate_pages(service.name, backbone),
        contracts_router(app, service, [*service.routers, operate, jobs]),
        assets_router(service.name, assets),
    ]
