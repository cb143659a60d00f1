"""Who is asking: a token that is exactly right, or a log-in that still holds."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from tests.shared.door.fixture_app import BASE, Provider, log_in

HS256, NONE = b'{"alg":"HS256","kid":"one"}', b'{"alg":"none","kid":"one"}'
Bad = Callable[[Provider], str]


def signed(provider: Provider, header: dict[str, Any], key: Any, algorithm: str) -> str:
    payload = json.dumps(provider.claims(Role.OPERATOR)).encode()
    return jws.serialize_compact({"alg": algorithm, "kid": "one", **header}, payload, key, algorithms=[algorithm])


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned(provider: Provider) -> str:
    return provider.token(Role.OPERATOR).rsplit(".", 1)[0] + "."


def alg_none(provider: Provider) -> str:
    return f"{encoded(NONE)}.{provider.token(Role.OPERATOR).split('.')[1]}."


def with_the_public_key_as_a_secret(provider: Provider) -> str:
    """Made by hand: the library refuses to help with it."""
    said = provider.token(Role.OPERATOR).split(".")[1]
    text = f"{encoded(HS256)}.{said}"
    return f"{text}.{encoded(hmac.digest(provider.key.as_pem(private=False), text.encode(), 'sha256'))}"


def another_key_of_the_same_id(provider: Provider) -> str:
    return signed(provider, {}, ECKey.generate_key("P-256"), "ES256")


def another_kind_of_key(provider: Provider) -> str:
    return signed(provider, {}, RSAKey.generate_key(2048), "RS256")


def moments(**shift: int) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return {name: now + seconds for name, seconds in shift.items()}


ATTACKS: dict[str, Bad] = {
    "no signature": unsigned,
    "alg none": alg_none,
    "HS256 with the public key": with_the_public_key_as_a_secret,
    "signed with another key": another_key_of_the_same_id,
    "signed with another kind of key": another_kind_of_key,
    "unknown key id": lambda p: p.token(Role.OPERATOR, header={"kid": "two"}),
    "no key id": lambda p: p.token(Role.OPERATOR, header={"kid": ""}),
    "keys from elsewhere": lambda p: p.token(Role.OPERATOR, header={"jku": "https://example.org/keys"}),
    "certificate from elsewhere": lambda p: p.token(Role.OPERATOR, header={"x5u": "https://example.org/cert"}),
    "its own key in the header": lambda p: p.token(Role.OPERATOR, header={"jwk": p.key.as_dict(private=False)}),
    "wrong issuer": lambda p: p.token(Role.OPERATOR, iss="https://example.org"),
    "no issuer": lambda p: p.token(Role.OPERATOR, iss=None),
    "wrong audience": lambda p: p.token(Role.OPERATOR, aud="another"),
    "no audience": lambda p: p.token(Role.OPERATOR, aud=None),
    "expired": lambda p: p.token(Role.OPERATOR, **moments(exp=-10)),
    "never expires": lambda p: p.token(Role.OPERATOR, exp=None),
    "not yet valid": lambda p: p.token(Role.OPERATOR, **moments(nbf=120)),
    "made in the future": lambda p: p.token(Role.OPERATOR, **moments(iat=120)),
    "no moment of making": lambda p: p.token(Role.OPERATOR, iat=None),
    "no subject": lambda p: p.token(Role.OPERATOR, sub=None),
    "blank subject": lambda p: p.token(Role.OPERATOR, sub=""),
    "the public's subject": lambda p: p.token(Role.OPERATOR, sub="public"),
    "a service's subject": lambda p: p.token(Role.OPERATOR, sub="system:referral"),
    "no token at all": lambda _: "",
    "not a token": lambda _: "a.b.c",
    "far too long": lambda p: p.token(Role.OPERATOR, name="x" * 9_000),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_a_token_that_is_not_exactly_right_is_refused(
    attack: str, client: httpx.AsyncClient, provider: Provider
) -> None:
    token = ATTACKS[attack](provider)
    answer = await client.get("/testing/api/me", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json()["title"] == "Log in to see this"


async def test_a_good_token_says_who_it_is(client: httpx.AsyncClient, provider: Provider) -> None:
    answer = await client.get("/testing/api/me", headers=provider.bearer(Role.LINK_WORKER))
    assert answer.json() == {
        "subject": "jo",
        "roles": ["link-worker"],
        "organisations": ["X12345"],
        "session": False,
    }


async def test_no_token_makes_anyone_the_system_or_the_public(client: httpx.AsyncClient, provider: Provider) -> None:
    headers = provider.bearer(Role.SYSTEM, Role.PERSON, Role.ANALYST)
    assert (await client.get("/testing/api/me", headers=headers)).json()["roles"] == ["analyst"]


async def test_a_password_in_the_header_is_no_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/testing/api/me", headers={"authorization": "Basic am86"})).status_code == 401


async def test_without_keys_nobody_is_let_in_and_the_answer_says_so(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    provider.jwks.unlink()
    answer = await client.get("/testing/api/me", headers=provider.bearer(Role.OPERATOR))
    assert answer.status_code == 503


async def test_a_log_in_says_who_it_is(client: httpx.AsyncClient, told: Settings, provider: Provider) -> None:
    answer = await client.get("/testing/api/me", headers={"cookie": log_in(told, provider, Role.PROVIDER)})
    assert answer.json()["roles"] == ["provider"]
    assert answer.json()["session"]
    assert "set-cookie" not in answer.headers


async def test_a_changed_cookie_makes_its_bearer_nobody(
    client: httpx.AsyncClient, told: Settings, provider: Provider
) -> None:
    cookie = log_in(told, provider, Role.PROVIDER)
    changed = cookie[:-4] + ("AAAA" if cookie[-4:] != "AAAA" else "BBBB")
    answer = await client.get("/testing/api/me", headers={"cookie": changed})
    assert answer.json()["subject"] == "public"
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_a_log_in_that_lay_idle_for_half_an_hour_is_over(
    client: httpx.AsyncClient, told: Settings, provider: Provider
) -> None:
    idle = datetime.now(UTC) - timedelta(minutes=31)
    cookie = log_in(told, provider, Role.PROVIDER, seen=idle)
    assert (await client.get("/testing/api/me", headers={"cookie": cookie})).json()["subject"] == "public"


class Renewals:
    """The issuer's token endpoint, as the test wants it to answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Callable[[], httpx.Response]) -> None:
        self.asked: list[dict[str, str]] = []

        async def post(_: httpx.AsyncClient, url: str, data: dict[str, str]) -> httpx.Response:
            assert url == f"{BASE}/sign-in/renew"
            self.asked.append(data)
            return answer()

        monkeypatch.setattr(httpx.AsyncClient, "post", post)


async def test_a_log_in_whose_token_ran_out_is_renewed_and_the_cookie_set_again(
    client: httpx.AsyncClient, told: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = provider.token(Role.ANALYST)
    renewals = Renewals(monkeypatch, lambda: httpx.Response(200, json={"access_token": fresh}))
    old = log_in(told, provider, Role.PROVIDER, **moments(exp=-10))
    answer = await client.get("/testing/api/me", headers={"cookie": old})
    assert answer.json()["roles"] == ["analyst"]
    assert renewals.asked[0]["refresh_token"] == "renewal-one"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    again = await client.get("/testing/api/me", headers={"cookie": cookie.split(";")[0]})
    assert again.json()["roles"] == ["analyst"]
    assert len(renewals.asked) == 1


async def test_a_refused_renewal_logs_out(
    client: httpx.AsyncClient, told: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    Renewals(monkeypatch, lambda: httpx.Response(400, json={"error": "invalid_grant"}))
    old = log_in(told, provider, Role.LINK_WORKER, **moments(exp=-10))
    answer = await client.get("/testing/greeting", headers={"cookie": old})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
    assert "Max-Age=0" in answer.headers["set-cookie"]


def provider_away() -> httpx.Response:
    raise httpx.ConnectError("away")


async def test_with_the_identity_provider_away_an_old_token_lets_nobody_in(
    client: httpx.AsyncClient, told: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    Renewals(monkeypatch, provider_away)
    old = log_in(told, provider, Role.LINK_WORKER, **moments(exp=-10))
    answer = await client.get("/testing/greeting", headers={"cookie": old})
    assert answer.status_code == 503
    assert "Kith cannot do this at the moment" in answer.text


async def test_behind_tls_the_cookie_is_for_this_host_and_tls_alone(told: Settings, provider: Provider) -> None:
    from shared.door.sealer import Sealer
    from shared.door.sessions import Session, Sessions

    behind_tls = told.model_copy(update={"embedded": False, "base_url": "https://kith.example"})
    cookie = Sessions(behind_tls, Sealer(told.cookie_key)).set_cookie(Session("a", "b", "c", 1))
    assert cookie.startswith("__Host-kith=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "HttpOnly" in cookie
    assert "Domain" not in cookie


def test_a_log_in_does_not_show_its_tokens() -> None:
    from shared.door.sessions import Session

    assert not any(
        secret in repr(Session("an-id", "a-token", "a-renewal", 1)) for secret in ("an-id", "a-token", "a-r")
    )
