"""The list of pages that the browser tests open is the list of pages there are."""

from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import iter_route_contexts

from deploy.databases import SERVICES
from deploy.embedded.handover import Handover, StoreAddresses
from deploy.embedded.host import create_services
from deploy.embedded.keyring import keyring
from tests.system.browser.pages import LEADS_AWAY, PAGES

# What programs read; everything else that answers a GET is a page.
PROGRAMS = ("/api/", "/assets/", "/health/", "/metrics", ".json", ".csv")


def _paths(folder: Path) -> Iterator[str]:
    """Every page that the four apps really have."""
    stores = {service: StoreAddresses("", f"postgresql+asyncpg://nobody@127.0.0.1:1/{service}") for service in SERVICES}
    handover = Handover(folder, 1, "127.0.0.1:1", stores)
    for app in create_services(handover, keyring(handover.keys), 1).values():
        for route in iter_route_contexts(app.routes):
            path = str(route.path)
            if "GET" in (route.methods or ()) and not any(part in path for part in PROGRAMS):
                yield path


def test_the_list_names_every_page_there_is(tmp_path: Path) -> None:
    listed = {page.path.partition("?")[0] for page in PAGES} - {"/sign-in"}
    assert listed | LEADS_AWAY == set(_paths(tmp_path))
