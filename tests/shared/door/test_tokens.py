"""A token that was verified is believed for a moment, and never longer than it says itself."""

import time

import pytest

from shared.door import tokens
from shared.door.keys import Keys, PublicKey
from shared.door.tokens import BadToken, ExpiredToken, Tokens
from shared.runtime.actor import Role
from tests.shared.door.fixture_app import BASE, Provider


class Counted(Keys):
    """The provider's keys, and how often a token was verified with them."""

    asked = 0

    async def find(self, kid: str) -> PublicKey | None:
        self.asked += 1
        return await super().find(kid)


@pytest.fixture
def keys(provider: Provider) -> Counted:
    return Counted(str(provider.jwks))


@pytest.fixture
def checked(keys: Counted) -> Tokens:
    return Tokens(f"{BASE}/sign-in", "kith", keys)


def forward(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    moment = time.time() + seconds
    monkeypatch.setattr(time, "time", lambda: moment)


async def test_a_token_is_verified_once_in_a_while(checked: Tokens, keys: Counted, provider: Provider) -> None:
    token = provider.token(Role.LINK_WORKER, exp=int(time.time()) + 3600)
    assert await checked.actor(token) == await checked.actor(token)
    assert keys.asked == 1


async def test_after_a_minute_it_is_verified_again(
    checked: Tokens, keys: Counted, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = provider.token(Role.LINK_WORKER, exp=int(time.time()) + 3600)
    await checked.actor(token)
    forward(monkeypatch, 61)
    await checked.actor(token)
    assert keys.asked == 2


async def test_nobody_is_believed_longer_than_the_token_says(
    checked: Tokens, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = provider.token(Role.LINK_WORKER, exp=int(time.time()) + 20)
    await checked.actor(token)
    forward(monkeypatch, 30)
    with pytest.raises(ExpiredToken):
        await checked.actor(token)


async def test_a_token_that_looks_like_one_that_is_believed_is_verified(checked: Tokens, provider: Provider) -> None:
    token = provider.token(Role.LINK_WORKER)
    await checked.actor(token)
    with pytest.raises(BadToken):
        await checked.actor(token[:-8] + "AAAAAAAA")


async def test_only_so_many_are_remembered(
    checked: Tokens, keys: Counted, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_MOST_BELIEVED", 2)
    first, *others = (provider.token(role) for role in (Role.LINK_WORKER, Role.ANALYST, Role.OPERATOR))
    for token in (first, *others, first):
        await checked.actor(token)
    assert keys.asked == 4
