"""Who may come through: said by every route, checked before the body is read."""

import httpx
import pytest

from shared.door.guard import Unguarded, allow, door, public
from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from tests.shared.door.fixture_app import Provider, log_in

MALFORMED = b'{"word": '


async def test_a_route_without_a_permission_cannot_be_made() -> None:
    router = door("testing")

    async def anything() -> None: ...

    with pytest.raises(Unguarded):
        router.add_api_route("/testing/api/anything", anything)
    with pytest.raises(Unguarded):
        router.add_api_route("/testing/api/anything", anything, dependencies=[public(), allow(Role.OPERATOR)])
    with pytest.raises(Unguarded):
        allow()


async def test_nobody_is_refused_before_the_body_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/testing/api/words", content=MALFORMED)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_wrong_role_is_refused_before_the_body_is_read(client: httpx.AsyncClient, provider: Provider) -> None:
    answer = await client.post("/testing/api/words", content=MALFORMED, headers=provider.bearer(Role.LINK_WORKER))
    assert answer.status_code == 403


async def test_the_right_role_learns_what_is_wrong_with_the_body(client: httpx.AsyncClient, provider: Provider) -> None:
    answer = await client.post("/testing/api/words", content=MALFORMED, headers=provider.bearer(Role.REFERRER))
    assert answer.status_code == 422


async def test_a_page_sends_nobody_to_the_log_in_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/testing/greeting?page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Ftesting%2Fgreeting%3Fpage%3D2"


async def test_a_page_tells_the_wrong_role_whom_to_ask(
    client: httpx.AsyncClient, told: Settings, provider: Provider
) -> None:
    answer = await client.get("/testing/greeting", headers={"cookie": log_in(told, provider, Role.REFERRER)})
    assert answer.status_code == 403
    assert "You cannot see this" in answer.text
    assert "Ask your team lead" in answer.text


async def test_what_is_sent_after_the_log_in_ended_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.post("/testing/greeting", data={"word": "Hello"})
    assert answer.status_code == 401
    assert "Nothing was saved" in answer.text


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient, provider: Provider) -> None:
    large = b'{"word": "' + b"a" * 1_100_000 + b'"}'
    answer = await client.post("/testing/api/words", content=large, headers=provider.bearer(Role.REFERRER))
    assert answer.status_code == 413
