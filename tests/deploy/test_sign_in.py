"""The demonstration log-in: tokens for invented people on one machine, and nowhere else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from deploy.embedded.issuing import Issuer
from deploy.embedded.keyring import jwks_path, keyring
from deploy.embedded.people import demonstration_people, people_in
from deploy.embedded.sign_in import NotEmbedded, create, groups, local
from shared.door.keys import Keys
from shared.door.sealer import Sealer
from shared.door.sessions import Sessions
from shared.door.tokens import BadToken, Tokens
from shared.runtime.actor import Role
from shared.runtime.clock import now
from shared.runtime.settings import Settings

BASE = "http://127.0.0.1:8123"
STAFF = b"""subject,name,role,organisation,email,phone
jo,Jo Example,link-worker,U00001,jo@kith.example,
ann,Ann Example,operator,,,
"""
PEOPLE = people_in(STAFF, {"U00001": "Quayside PCN"})


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    keys = keyring(tmp_path)
    return Settings(
        issuer=f"{BASE}/sign-in",
        jwks=str(jwks_path(tmp_path)),
        cookie_key=keys.cookie_key,
        base_url=BASE,
        embedded=True,
        assets=tmp_path,
    )


@pytest.fixture
def issuer(told: Settings, tmp_path: Path) -> Issuer:
    return Issuer(told.issuer, told.audience, keyring(tmp_path).signing_key(), PEOPLE)


@pytest.fixture
def tokens(told: Settings) -> Tokens:
    return Tokens(told.issuer, told.audience, Keys(told.jwks))


@pytest.fixture
async def client(told: Settings, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create(told, issuer)), base_url=BASE) as asking:
        yield asking


async def test_a_program_finds_out_who_there_is_and_acts_as_one_of_them(
    client: httpx.AsyncClient, tokens: Tokens
) -> None:
    people = (await client.get("/sign-in/people")).json()
    assert people[0] == {"id": "jo", "name": "Jo Example", "roles": ["link-worker"], "organisations": ["U00001"]}
    given = (await client.post("/sign-in/token", json={"person": "jo"})).json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    actor = await tokens.actor(given["access_token"])
    assert (actor.subject, actor.roles, actor.organisations) == (
        "jo",
        frozenset({Role.LINK_WORKER}),
        frozenset({"U00001"}),
    )
    assert (await client.post("/sign-in/token", json={"person": "nobody"})).status_code == 404


async def test_a_site_whose_name_leads_here_is_given_no_token(client: httpx.AsyncClient) -> None:
    for path in ("/sign-in", "/sign-in/people"):
        assert (await client.get(path, headers={"host": "evil.example:8123"})).status_code == 400
    given = await client.post("/sign-in/token", json={"person": "jo"}, headers={"host": "evil.example:8123"})
    assert given.status_code == 400
    assert (await client.get("/sign-in/people", headers={"host": "localhost:8123"})).status_code == 200


async def chosen(client: httpx.AsyncClient, person: str, next_: str = "") -> httpx.Response:
    page = (await client.get("/sign-in", params={"next": next_})).text
    fields = dict(re.findall(r'name="(_token|next)" value="([^"]*)"', page))
    return await client.post("/sign-in", data={**fields, "person": person})


async def test_a_person_chooses_who_to_be_and_lands_on_what_is_owed(
    client: httpx.AsyncClient, told: Settings, tokens: Tokens
) -> None:
    answer = await chosen(client, "jo")
    assert (answer.status_code, answer.headers["location"]) == (303, "/referral/today")
    cookie = answer.headers["set-cookie"].split(";")[0]
    session = Sessions(told, Sealer(told.cookie_key)).read(cookie, now())
    assert session
    assert (await tokens.actor(session.access)).name == "Jo Example"


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("/directory/search?free=1", "/directory/search?free=1"),
        ("https://example.org/", ""),
        ("//example.org/", ""),
        ("/\\example.org", ""),
        ("/sign-out", ""),
        ("/a\r\nset-cookie: x", ""),
        ("", ""),
    ],
)
def test_nobody_is_sent_to_another_site_after_logging_in(asked: str, allowed: str) -> None:
    assert local(asked) == allowed


async def test_people_are_shown_with_where_they_work_by_name(client: httpx.AsyncClient) -> None:
    page = (await client.get("/sign-in")).text
    assert "Quayside PCN" in page
    assert "U00001" not in page


def test_everybody_of_the_demonstration_is_offered_in_one_group() -> None:
    people = demonstration_people()
    offered = [person.id for group in groups(people) for person in group.people]
    assert sorted(offered) == sorted(person.id for person in people)
    assert all(person.place != organisation for person in people for organisation in person.organisations)


async def test_a_person_comes_back_to_where_they_were_going(client: httpx.AsyncClient) -> None:
    assert (await chosen(client, "jo", "/referral/cases")).headers["location"] == "/referral/cases"
    assert (await chosen(client, "jo", "//example.org")).headers["location"] == "/referral/today"


async def test_another_site_can_neither_log_anyone_in_nor_out(client: httpx.AsyncClient) -> None:
    assert (await client.post("/sign-in", data={"person": "jo"})).status_code == 403
    cookie = {"cookie": (await chosen(client, "jo")).headers["set-cookie"].split(";")[0]}
    assert (await client.post("/sign-out", headers=cookie)).status_code == 403
    elsewhere = cookie | {"origin": "https://example.org"}
    assert (await client.post("/sign-out", headers=elsewhere)).status_code == 403


async def test_logging_out_ends_the_cookie(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def renewed(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/sign-in/renew", data={"grant_type": "refresh_token", "refresh_token": token})


async def test_a_log_in_is_renewed_for_a_minute_at_a_time(
    client: httpx.AsyncClient, issuer: Issuer, tokens: Tokens
) -> None:
    renewal = issuer.renewal(issuer.person("jo"), now())
    given = (await renewed(client, renewal)).json()
    assert given["expires_in"] == 60
    assert (await tokens.actor(given["access_token"])).subject == "jo"
    with pytest.raises(BadToken):
        await tokens.actor(renewal)


async def test_nobody_renews_with_another_token_or_after_leaving(client: httpx.AsyncClient, issuer: Issuer) -> None:
    access = (await client.post("/sign-in/token", json={"person": "jo"})).json()["access_token"]
    assert (await renewed(client, access)).status_code == 400
    forged = Issuer(
        f"{BASE}/sign-in",
        "kith",
        ECKey.generate_key("P-256", parameters={"kid": "kith-embedded"}),
        PEOPLE,
    )
    assert (await renewed(client, forged.renewal(issuer.person("jo"), now()))).status_code == 400
    leaver = issuer.renewal(issuer.people.pop("jo"), now())
    assert (await renewed(client, leaver)).status_code == 400


async def test_the_key_is_published_without_its_secret(client: httpx.AsyncClient) -> None:
    key = (await client.get("/sign-in/jwks")).json()["keys"][0]
    assert key["kty"] == "EC"
    assert "d" not in key


@pytest.mark.parametrize(
    "elsewhere",
    [{"embedded": False}, {"base_url": "http://kith.example"}, {"base_url": "http://10.0.0.8:8000"}],
)
def test_it_refuses_to_exist_where_real_people_may_be(
    elsewhere: dict[str, object], told: Settings, issuer: Issuer
) -> None:
    with pytest.raises(NotEmbedded):
        create(told.model_copy(update=elsewhere), issuer)


def test_keys_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    first = keyring(tmp_path)
    assert keyring(tmp_path) == first
    assert (tmp_path / "keyring.json").stat().st_mode & 0o077 == 0
    assert first.signing not in repr(first)
    assert first.cookie_key not in repr(first)
