"""Forms: ours alone can send them, nothing typed is lost, what they carry cannot be changed."""

import re
from datetime import date

import httpx
import pytest
from pydantic import SecretStr

from shared.door.forms import Form, Typed, open_answers, seal_answers, whole_number
from shared.door.sealer import Sealer, WeakKey
from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from tests.shared.door.fixture_app import BASE, Provider, log_in

GREETING, HELLO = "/testing/greeting", "/testing/hello"


def fields_of(page: str, action: str) -> dict[str, str]:
    form = re.search(rf'<form action="{action}".*?</form>', page, re.DOTALL)
    assert form
    return dict(re.findall(r'name="(_\w+)" value="([^"]*)"', form.group()))


@pytest.fixture
def cookie(told: Settings, provider: Provider) -> dict[str, str]:
    return {"cookie": log_in(told, provider, Role.LINK_WORKER)}


async def test_a_form_of_ours_is_taken_and_confirmed_once(client: httpx.AsyncClient, cookie: dict[str, str]) -> None:
    fields = fields_of((await client.get(GREETING, headers=cookie)).text, GREETING)
    answer = await client.post(GREETING, data={**fields, "word": "Hello"}, headers=cookie)
    assert answer.status_code == 303
    said = answer.headers["set-cookie"].split(";")[0]
    shown = await client.get(GREETING, headers={"cookie": f"{cookie['cookie']}; {said}"})
    assert "Greeted: Hello, 3, kindly" in shown.text
    assert 'kith-said=""' in shown.headers["set-cookie"]
    assert "Greeted" not in (await client.get(GREETING, headers=cookie)).text


async def test_a_form_without_its_token_is_refused(client: httpx.AsyncClient, cookie: dict[str, str]) -> None:
    answer = await client.post(GREETING, data={"word": "Hello"}, headers=cookie)
    assert answer.status_code == 403


async def test_the_token_of_another_log_in_is_refused(client: httpx.AsyncClient, cookie: dict[str, str]) -> None:
    fields = fields_of((await client.get(HELLO)).text, GREETING)
    answer = await client.post(GREETING, data={**fields, "word": "Hello"}, headers=cookie)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "sent_by",
    [
        {"origin": "https://example.org"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_another_site_cannot_send_our_forms(
    sent_by: dict[str, str], client: httpx.AsyncClient, cookie: dict[str, str]
) -> None:
    fields = fields_of((await client.get(GREETING, headers=cookie)).text, GREETING)
    answer = await client.post(GREETING, data={**fields, "word": "Hello"}, headers=cookie | sent_by)
    assert answer.status_code == 403
    public = fields_of((await client.get(HELLO)).text, GREETING)
    assert (await client.post(HELLO, data={**public, "word": "Hello"}, headers=sent_by)).status_code == 403


async def test_another_site_cannot_use_the_api_with_somebodys_log_in(
    client: httpx.AsyncClient, cookie: dict[str, str]
) -> None:
    url = "/testing/api/me"
    assert (await client.post(url, headers=cookie | {"origin": "https://example.org"})).status_code == 403
    assert (await client.post(url, headers=cookie | {"origin": BASE})).status_code == 200


async def test_our_own_origin_may_send_forms(client: httpx.AsyncClient, cookie: dict[str, str]) -> None:
    fields = fields_of((await client.get(GREETING, headers=cookie)).text, GREETING)
    for ours in ({"origin": BASE}, {"sec-fetch-site": "same-origin"}):
        assert (await client.post(GREETING, data={**fields, "word": "Hi"}, headers=cookie | ours)).status_code == 303


async def test_the_public_may_send_a_form_of_ours_without_a_cookie(client: httpx.AsyncClient) -> None:
    page = await client.get(HELLO)
    assert "set-cookie" not in page.headers
    answer = await client.post(HELLO, data={**fields_of(page.text, GREETING), "word": "Hello"})
    assert answer.json() == {"word": "Hello", "by": "public"}
    assert (await client.post(HELLO, data={"word": "Hello"})).status_code == 403
    assert (await client.post(HELLO, data={"word": "Hello", "_token": "made.up"})).status_code == 403


async def test_an_error_comes_first_and_nothing_typed_is_lost(
    client: httpx.AsyncClient, cookie: dict[str, str]
) -> None:
    fields = fields_of((await client.get(GREETING, headers=cookie)).text, GREETING)
    answer = await client.post(GREETING, data={**fields, "word": " "}, headers=cookie)
    assert answer.status_code == 422
    assert "<title>Error: Greet – Kith</title>" in answer.text
    main = answer.text.split('id="maincontent"')[1]
    assert main.index("There is a problem") < main.index("<h1>")
    assert 'href="#word"' in main
    assert fields_of(answer.text, GREETING)["_key"] == fields["_key"]


def test_carried_answers_come_back_and_changed_ones_do_not() -> None:
    sealer = Sealer(SecretStr("k" * 32))
    sealed = seal_answers(sealer, {"name": ["Ana"], "reasons": ["lonely", "debt"]})
    assert open_answers(sealer, sealed) == {"name": ("Ana",), "reasons": ("lonely", "debt")}
    assert open_answers(sealer, sealed[:-4] + "AAAA") == {}
    assert open_answers(sealer, "") == {}
    assert open_answers(Sealer(SecretStr("l" * 32)), sealed) == {}


def test_a_short_cookie_key_is_refused() -> None:
    with pytest.raises(WeakKey):
        Sealer(SecretStr("short"))


@pytest.mark.parametrize(
    ("parts", "read", "blank"),
    [
        (("14", "3", "1951"), date(1951, 3, 14), False),
        (("31", "2", "1951"), None, False),
        (("x", "", ""), None, False),
        (("", "", ""), None, True),
    ],
)
def test_a_date_is_read_or_not(parts: tuple[str, str, str], read: date | None, blank: bool) -> None:
    named = dict(zip(("born[day]", "born[month]", "born[year]"), ([part] for part in parts), strict=True))
    form = Form(Typed(named), key="", version=None)
    assert form.date("born") == read
    assert form.blank("born") is blank
    assert form.typed.first_control("born") == "born-day"


def test_the_same_words_have_the_same_fingerprint() -> None:
    one, same, other = (Form(Typed({"word": [word]}), key, None) for word, key in (("a", "1"), ("a", "2"), ("b", "1")))
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint


def test_the_same_words_about_something_else_have_another_fingerprint() -> None:
    here, there = (Form(Typed({"word": ["a"]}), "1", None, path=path) for path in ("/letters/one", "/letters/two"))
    assert here.fingerprint != there.fingerprint


def test_a_date_beyond_the_calendar_is_no_date() -> None:
    named = {"born[day]": ["1"], "born[month]": ["1"], "born[year]": ["9" * 20]}
    assert Form(Typed(named), key="", version=None).date("born") is None


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("", None), ("1.5", None), ("-1", None), ("9" * 5_000, None)])
def test_a_whole_number_is_read_or_not(text: str, number: int | None) -> None:
    assert whole_number(text) == number
