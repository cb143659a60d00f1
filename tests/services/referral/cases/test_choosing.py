"""A group is chosen from what we heard of it, while the directory is down or when its name is known."""

from datetime import UTC, datetime, timedelta

import pytest

from services.referral.domain.referral import Referral
from services.referral.store.requests import activities_called, keep_activity
from shared.events.vocabulary import ListingStatus
from shared.runtime.store import Store
from tests.services.referral.cases.world import JO, REFERRER, an_activity, as_service
from tests.services.referral.doors import Door

CHOOSE = "/referral/cases/K7F-3QD/prescribe"


@pytest.fixture(autouse=True)
async def heard(store: Store, case: Referral) -> None:
    async with as_service(store) as tx:
        await keep_activity(tx, an_activity())


async def test_a_group_known_by_name_is_asked_for_a_place_without_the_directory(door: Door) -> None:
    async with door.as_(JO) as visitor:
        await visitor.open(CHOOSE)
        await visitor.send({"known": "riverside sing"}, form=1)
        assert "1 group, by name" in visitor.text
        await visitor.send(form=2)
        assert visitor.heading.startswith("Riverside Singers")
        assert "Ask for a place" in visitor.text


async def test_what_we_have_not_heard_of_and_nothing_at_all_are_said_plainly(door: Door) -> None:
    async with door.as_(JO) as visitor:
        await visitor.open(CHOOSE)
        await visitor.send({"known": "underwater chess"}, form=1)
        assert "We have not heard of a group called that." in visitor.text
        await visitor.send({"known": " "}, form=1)
        assert set(visitor.errors) == {"known"}


@pytest.mark.parametrize(("words", "count"), [("SINGERS", 1), ("singers nobody", 0), ("%", 0), ("_", 0)])
async def test_every_word_must_stand_in_its_name_group_or_reference(store: Store, words: str, count: int) -> None:
    async with as_service(store) as tx:
        assert len(await activities_called(tx, words)) == count


async def test_what_is_not_on_offer_is_not_chosen(store: Store) -> None:
    async with as_service(store) as tx:
        await keep_activity(tx, an_activity(name="Closed Choir", status=ListingStatus.INACTIVE, reference="B2C-4DG"))
        assert await activities_called(tx, "choir") == []


@pytest.mark.parametrize(("days", "tag"), [(30, "Room now"), (120, "Not known")])
async def test_room_said_long_ago_is_not_known(door: Door, store: Store, days: int, tag: str) -> None:
    stated = datetime.now(UTC) - timedelta(days=days)
    async with as_service(store) as tx:
        await keep_activity(tx, an_activity(name="Old News", reference="B2C-4DH", room_stated_at=stated))
    async with door.as_(JO) as visitor:
        await visitor.open(CHOOSE)
        await visitor.send({"known": "old news"}, form=1)
        assert f"Old News {tag}" in visitor.text
        await visitor.send(form=2)
        assert tag in visitor.text


async def test_choosing_is_for_who_carries_the_case(door: Door) -> None:
    async with door.as_(REFERRER) as visitor:
        await visitor.open(CHOOSE)
        assert visitor.response is not None
        assert visitor.response.status_code == 403
