"""One address for four services: each path goes to its owner, and each service is told only what it needs."""

from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from deploy.databases import SERVICES
from deploy.embedded.handover import Handover, StoreAddresses
from deploy.embedded.host import Front, settings_of
from deploy.embedded.keyring import keyring


class Named:
    """An app that remembers what reached it."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append(scope["path"])


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/referral/today", "referral"),
        ("/directory/api/search", "directory"),
        ("/reporting", "reporting"),
        ("/sign-in", "sign-in"),
        ("/", "referral"),
        ("/help", "referral"),
        ("/directoryx", "referral"),
    ],
)
async def test_each_path_goes_whole_to_its_owner(path: str, owner: str) -> None:
    apps = {name: Named() for name in (*SERVICES, "sign-in")}

    async def nothing(*_: object) -> None: ...

    await Front(apps)({"type": "http", "path": path}, nothing, nothing)  # type: ignore[arg-type]
    assert {name: app.reached for name, app in apps.items() if app.reached} == {owner: [path]}


def test_only_the_messenger_can_open_contacts_and_only_referral_can_hash_people(tmp_path: Path) -> None:
    stores = {service: StoreAddresses("owner", f"app of {service}") for service in SERVICES}
    handover = Handover(tmp_path, 8123, "127.0.0.1:9092", stores)
    told = {service: settings_of(service, handover, keyring(tmp_path), 2525) for service in SERVICES}
    openers = {service for service in SERVICES if told[service].contact_private_key.get_secret_value()}
    hashers = {service for service in SERVICES if told[service].person_key.get_secret_value()}
    assert (openers, hashers) == ({"notifications"}, {"referral"})
    assert told["directory"].database_url.get_secret_value() == "app of directory"
    assert all(each.embedded and each.base_url == "http://127.0.0.1:8123" for each in told.values())
