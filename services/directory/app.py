"""The directory's one wiring: store, backbone, doors and screens, put together and nothing connected yet."""

from pathlib import Path

from fastapi import FastAPI

from services.directory import api, pages
from services.directory.actions.rooms import NotYourActivity
from services.directory.consumers import consumers, timers
from services.directory.domain.activity import ActivityWithdrawn
from services.directory.domain.capacity import PlacesOutOfRange, PlacesWithoutRoom
from services.directory.domain.request import (
    AlreadyAnswered,
    BeforeTheRequest,
    CameAlready,
    DateAhead,
    DatePassed,
    NoPlaceGiven,
    NotComeYet,
    PlaceHasEnded,
    RequestTakenBack,
)
from services.directory.finder import give_finder
from services.directory.store.activities import NoSuchActivity
from services.directory.store.requests import NoSuchRequest
from shared.backbone.running import Backbone
from shared.door.app import Service, build_app
from shared.runtime.imports import UnreadableFile
from shared.runtime.logs import configure
from shared.runtime.settings import Settings
from shared.runtime.store import Store

SERVICE = Service(
    name="directory",
    title="Directory",
    routers=(
        api.searching.router,
        api.desk.router,
        api.imports.router,
        pages.searching.router,
        pages.listing.router,
        pages.desk.router,
        pages.rooms.router,
        pages.request.router,
        pages.attendance.router,
        pages.end.router,
    ),
    templates=Path(__file__).parent / "templates",
    errors={
        NoSuchActivity: 404,
        NoSuchRequest: 404,
        NotYourActivity: 403,
        ActivityWithdrawn: 409,
        AlreadyAnswered: 409,
        NoPlaceGiven: 409,
        PlaceHasEnded: 409,
        CameAlready: 409,
        NotComeYet: 409,
        RequestTakenBack: 409,
        BeforeTheRequest: 422,
        DateAhead: 422,
        DatePassed: 422,
        PlacesOutOfRange: 422,
        PlacesWithoutRoom: 422,
        UnreadableFile: 422,
    },
)


def create(settings: Settings | None = None) -> FastAPI:
    """The service's app."""
    settings = settings or Settings(service="directory")
    configure(settings)
    store = Store(settings.database_url.get_secret_value(), "directory", pool=settings.database_pool)
    app = build_app(SERVICE, settings, store, Backbone(settings, store, consumers(), timers()))
    give_finder(app)
    return app
