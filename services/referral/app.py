"""Referral's one wiring: store, backbone, doors and screens, put together and nothing connected yet."""

from pathlib import Path

from fastapi import FastAPI

from services.referral.actions.keys import keys_from
from services.referral.api import cases, imports, referrals, requests, triage
from services.referral.api.case_errors import CASE_ERRORS
from services.referral.consumers import consumers
from services.referral.domain.allocation import NoLinkWorker
from services.referral.domain.referral import NotInNetwork, NotOpen, NotWaiting, ReferralNotFound
from services.referral.pages import front, mine, refer, self_referral
from services.referral.pages import triage as triage_pages
from services.referral.pages.cases import CASE_PAGES
from shared.backbone.running import Backbone
from shared.backbone.timers import Timers
from shared.door.app import Service, build_app
from shared.runtime.imports import UnreadableFile
from shared.runtime.logs import configure
from shared.runtime.settings import Settings
from shared.runtime.store import Store

SERVICE = Service(
    name="referral",
    title="Referral",
    routers=(
        referrals.intake,
        referrals.router,
        triage.router,
        imports.router,
        cases.router,
        requests.router,
        front.router,
        self_referral.router,
        refer.router,
        mine.router,
        triage_pages.router,
        *CASE_PAGES,
    ),
    templates=Path(__file__).parent / "templates",
    errors={
        **CASE_ERRORS,
        ReferralNotFound: 404,
        NoLinkWorker: 422,
        NotInNetwork: 422,
        NotOpen: 409,
        NotWaiting: 409,
        UnreadableFile: 422,
    },
)


def create(settings: Settings | None = None) -> FastAPI:
    """The service's app; refuses to be made without the keys that guard people."""
    settings = settings or Settings(service="referral")
    keys_from(settings)
    configure(settings)
    store = Store(settings.database_url.get_secret_value(), "referral", pool=settings.database_pool)
    backbone = Backbone(settings, store, consumers(), Timers())
    return build_app(SERVICE, settings, store, backbone)
