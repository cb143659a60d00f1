"""Reporting, put together: `uvicorn --factory services.reporting.app:create`."""

from pathlib import Path

from fastapi import FastAPI

from services.reporting import api, pages
from services.reporting.actions.report import NotTheirs
from services.reporting.consumers import consumers
from services.reporting.domain.period import NotAPeriod
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.door.app import Service, build_app
from shared.runtime.logs import configure
from shared.runtime.settings import Settings
from shared.runtime.store import Store

SERVICE = Service(
    name="reporting",
    title="Reporting",
    routers=(api.router, pages.router),
    errors={NotTheirs: 403, NotAPeriod: 422},
    templates=Path(__file__).parent / "templates",
)


def create(settings: Settings | None = None) -> FastAPI:
    """The service's app; nothing connects before its lifespan starts."""
    told = settings or Settings(service="reporting")
    configure(told)
    store = Store(told.database_url.get_secret_value(), "reporting", pool=told.database_pool)
    return build_app(SERVICE, told, store, Backbone(told, store, consumers(), Timers()))
