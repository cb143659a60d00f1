"""The identity provider's keys: fetched seldom, kept when the provider is away, and never anything but public keys."""

import json
from collections.abc import Callable

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from shared.door import keys as keys_module
from shared.door.keys import Keys, NoKeys

ADDRESS = "https://identity.kith.example/keys"


class Provider(httpx.AsyncBaseTransport):
    """Counts how often it is asked."""

    def __init__(self, answer: Callable[[], httpx.Response]) -> None:
        self.answer, self.asked = answer, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer()


def document(*keys: ECKey | RSAKey | OctKey) -> dict[str, object]:
    return {"keys": [key.as_dict(private=isinstance(key, OctKey)) for key in keys]}


ONE = ECKey.generate_key("P-256", parameters={"kid": "one"})
TWO = RSAKey.generate_key(2048, parameters={"kid": "two"})
SECRET = OctKey.generate_key(256, parameters={"kid": "secret"})
NAMELESS = ECKey.generate_key("P-256")


async def test_keys_are_fetched_once_and_only_public_ones_with_an_id_are_taken() -> None:
    provider = Provider(lambda: httpx.Response(200, json=document(ONE, TWO, SECRET, NAMELESS)))
    keys = Keys(ADDRESS, transport=provider)
    assert await keys.find("one")
    assert await keys.find("two")
    assert await keys.find("secret") is None
    assert await keys.find("") is None
    assert provider.asked == 1


async def test_a_new_key_is_found_without_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [ONE]
    provider = Provider(lambda: httpx.Response(200, json=document(*known)))
    keys = Keys(ADDRESS, transport=provider)
    assert await keys.find("one")
    known.append(TWO)  # type: ignore[arg-type]
    assert await keys.find("two") is None
    monkeypatch.setattr(keys_module, "_SHORTEST_WAIT", 0.0)
    assert await keys.find("two")


async def test_known_keys_are_kept_while_the_provider_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [httpx.Response(200, json=document(ONE)), httpx.Response(502)]
    keys = Keys(ADDRESS, transport=Provider(lambda: answers.pop(0)))
    assert await keys.find("one")
    monkeypatch.setattr(keys_module, "_SHORTEST_WAIT", 0.0)
    assert await keys.find("other") is None
    assert await keys.find("one")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502),
        httpx.Response(302, headers={"location": "https://example.org/keys"}),
        httpx.Response(200, text="not json"),
        httpx.Response(200, json={}),
        httpx.Response(200, text=json.dumps({"keys": [], "padding": "x" * 200_000})),
    ],
    ids=["error", "redirect", "no document", "no keys", "too large"],
)
async def test_without_a_good_document_there_are_no_keys(answer: httpx.Response) -> None:
    with pytest.raises(NoKeys):
        await Keys(ADDRESS, transport=Provider(lambda: answer)).find("one")
