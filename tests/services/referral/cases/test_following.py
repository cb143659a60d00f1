"""What a referrer sees of the support: how far it is, never which group, and only where the person agreed."""

from dataclasses import replace

import pytest

from services.referral.domain.person import MayKnow
from services.referral.domain.prescriptions import News
from services.referral.store.requests import keep_activity
from shared.runtime.store import Store
from tests.services.referral.cases.test_case_pages import ask
from tests.services.referral.cases.world import REFERRER, ROSA, add_case, an_activity, as_service
from tests.services.referral.doors import Door

FOLLOWED = {
    News.WAITLISTED: "On a group’s waiting list",
    News.ACCEPTED: "A group has a place",
    News.ATTENDED: "Goes to a group",
    News.COMPLETED: "Has completed their time with a group",
}


@pytest.mark.parametrize("news", FOLLOWED)
@pytest.mark.parametrize("may_know", [True, False])
async def test_a_referrer_follows_a_request_without_its_group(
    door: Door, store: Store, news: News, may_know: bool
) -> None:
    person = replace(ROSA, may_know=frozenset({MayKnow.GP_PRACTICE}) if may_know else frozenset())
    async with as_service(store) as tx:
        await add_case(tx, person=person)
        activity = an_activity()
        await keep_activity(tx, activity)
    await ask(store, activity, news)
    async with door.as_(REFERRER) as visitor:
        await visitor.open("/referral/mine/K7F-3QD")
        assert (FOLLOWED[news] in visitor.text) is may_know
        assert activity.name not in visitor.text
