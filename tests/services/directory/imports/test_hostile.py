"""Feeds are written by others: what nobody means well is read as quickly as anything else and stops no import."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from services.directory.imports.open_referral import read_listings

FEED = Path(__file__).resolve().parents[4] / "deploy" / "embedded" / "network" / "activities.json"
MANY = 20_000
LONG = (
    "<" + "a." * MANY,
    "<!--" * MANY,
    "<div>" * MANY,
    "&amp;" * MANY,
    "a" * MANY,
    "a@" + "a." * MANY,
    "1" + " " * MANY,
)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    "",
    "\x00",
    "\ud800",
    "9" * 5_000,
    "²",
    [],
    {},
    [[]],
    {"a": 1},
    "9999-99-99",
)


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:6])
def test_a_text_made_to_take_for_ever_is_read_in_a_moment(text: str) -> None:
    about = {"email": text, "url": text, "name": text, "phone": text}
    listing = {"id": "x", **about, "description": text, "organization": {"id": "o", **about}, "fees": text}
    begun = time.monotonic()
    read_listings([{**listing, "schedules": [{"byday": text, "opens_at": text}], "eligibility": text}])
    assert time.monotonic() - begun < 5


def spoiled(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.06:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {name: spoiled(inner, chance) for name, inner in value.items()}
    return [spoiled(inner, chance) for inner in value] if isinstance(value, list) else value


def test_a_listing_with_parts_of_other_kinds_is_read_or_left_out() -> None:
    feed, chance = json.loads(FEED.read_text()), random.Random(3)
    for _ in range(300):
        parsed = read_listings([spoiled(chance.choice(feed), chance)])
        assert len(parsed.rows) + len(parsed.rejects) == 1
