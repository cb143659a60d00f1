"""What every request of one service's app can reach: its settings, store, backbone and pages."""

from dataclasses import dataclass

from fastapi import FastAPI, Request

from shared.backbone.running import Backbone
from shared.door.pages import Pages
from shared.door.sealer import Sealer
from shared.door.service import Service
from shared.runtime.settings import Settings
from shared.runtime.store import Store


@dataclass(frozen=True)
class Doorway:
    """Made once per app by `build_app`."""

    service: Service
    settings: Settings
    store: Store
    backbone: Backbone
    pages: Pages
    sealer: Sealer

    @property
    def secure(self) -> bool:
        """Whether cookies are for TLS only: everywhere but in the embedded run, which is bound to loopback."""
        return not self.settings.embedded


def open_door(app: FastAPI, doorway: Doorway) -> None:
    """Hang the doorway on the app."""
    app.state.doorway, app.state.pages = doorway, doorway.pages


def doorway_of(request: Request) -> Doorway:
    """The doorway of the app that this request came to."""
    found: Doorway = request.app.state.doorway
    return found


def pages_of(request: Request) -> Pages:
    """The pages of the app that this request came to; the log-in page's app has these and no doorway."""
    found: Pages = request.app.state.pages
    return found
