"""Asking groups for places, in a real store: once per activity, with the person's agreement, and nothing lost."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.referral.actions.closing import close_case
from services.referral.actions.hearing import hear_of_request
from services.referral.actions.prescriptions import default_answer_by, note_unmet_need, prescribe, signpost, withdraw
from services.referral.domain.closing import RequestsOpen
from services.referral.domain.prescriptions import (
    ActivityWithdrawn,
    AlreadyAsked,
    AlreadySettled,
    ConsentNeeded,
    Heard,
    News,
    RequestState,
    UnmetCause,
    WithdrawalReason,
)
from services.referral.domain.reasons import ReasonGroup
from services.referral.domain.referral import Closure, Referral
from services.referral.store.request_rows import ActivityRow
from services.referral.store.requests import (
    Prescription,
    PrescriptionNotFound,
    keep_activity,
    load_activity,
    load_prescriptions,
)
from shared.runtime.store import StaleVersion, Store
from tests.services.referral.cases.world import JO, NOW, an_activity, as_service, data_of, said

CASE = "K7F-3QD"


@pytest.fixture
async def singers(store: Store, case: Referral) -> ActivityRow:
    async with as_service(store) as tx:
        row = an_activity()
        await keep_activity(tx, row)
        return row


async def ask(store: Store, activity: ActivityRow, **changes: Any) -> Prescription:
    async with store.transaction(JO) as tx:
        return await prescribe(tx, CASE, activity, **({"agreed": True, "answer_by": None, "now": NOW} | changes))


async def hear(store: Store, prescription: Prescription, news: News, **more: Any) -> None:
    async with as_service(store) as tx:
        await hear_of_request(tx, prescription.id, Heard(news, NOW, **more))


async def states(store: Store, case: Referral) -> list[RequestState]:
    async with as_service(store) as tx:
        return [each.state for each in await load_prescriptions(tx, case.id)]


def test_the_five_working_days_pass_over_bank_holidays_and_count_from_the_london_day() -> None:
    # Christmas Day 2026 is a Friday, Boxing Day is kept on Monday 28; half past eleven in a summer night is tomorrow.
    assert default_answer_by(datetime(2026, 12, 24, 15, tzinfo=UTC)) == datetime(2027, 1, 5, 23, 59, 59, tzinfo=UTC)
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert default_answer_by(late) == datetime(2026, 7, 9, 22, 59, 59, tzinfo=UTC)


async def test_a_request_has_a_reference_of_its_own_and_five_working_days(
    store: Store, case: Referral, singers: ActivityRow
) -> None:
    asked = await ask(store, singers)
    assert asked.reference != case.reference
    assert asked.answer_by.astimezone(ZoneInfo("Europe/London")) == datetime(
        2026, 11, 27, 23, 59, 59, tzinfo=ZoneInfo("Europe/London")
    )
    fact = await data_of(store, "activity-prescribed")
    assert fact["request_reference"] == asked.reference
    assert fact["meets_rules"] is True
    assert fact["reason_group"] == "social-connection"
    assert case.reference not in str(fact)
    assert "Rosa" not in str(fact)


async def test_the_same_activity_is_not_asked_twice_at_once_but_may_be_asked_after_it_ended(
    store: Store, case: Referral, singers: ActivityRow
) -> None:
    both = await asyncio.gather(ask(store, singers), ask(store, singers), return_exceptions=True)
    assert [type(each) for each in both if isinstance(each, Exception)] == [AlreadyAsked]
    first = next(each for each in both if isinstance(each, Prescription))
    await hear(store, first, News.DECLINED, reason="no_capacity")
    await ask(store, singers)
    assert sorted(await states(store, case)) == ["declined_by_provider", "sent"]


async def test_nothing_is_asked_without_the_persons_agreement_or_of_a_withdrawn_activity(
    store: Store, case: Referral, singers: ActivityRow
) -> None:
    with pytest.raises(ConsentNeeded):
        await ask(store, singers, agreed=False)
    with pytest.raises(ActivityWithdrawn):
        await ask(store, an_activity(status="inactive"))
    assert await said(store) == []


async def test_news_heard_late_or_twice_does_no_harm(store: Store, case: Referral, singers: ActivityRow) -> None:
    asked = await ask(store, singers)
    for news in (News.OVERDUE, News.ACCEPTED, News.ACCEPTED, News.OVERDUE):
        await hear(store, asked, news)
    assert await states(store, case) == [RequestState.ACCEPTED]


async def test_a_request_is_taken_back_once_from_what_the_page_showed(
    store: Store, case: Referral, singers: ActivityRow
) -> None:
    asked = await ask(store, singers)

    async def back(reference: str, expected: int) -> None:
        async with store.transaction(JO) as tx:
            reason = WithdrawalReason.DECLINED_BY_PERSON
            await withdraw(tx, CASE, reference, reason, expected=expected, now=NOW)

    with pytest.raises(PrescriptionNotFound):
        await back("Y9Y-9YY", 1)
    with pytest.raises(StaleVersion):
        await back(asked.reference, 7)
    await back(asked.reference, 1)
    with pytest.raises(AlreadySettled):
        await back(asked.reference, 2)
    assert await states(store, case) == [RequestState.DECLINED_BY_PERSON]
    assert (await data_of(store, "prescription-withdrawn"))["reason"] == "declined_by_person"


async def test_signposts_and_unmet_needs_are_counted_and_nobody_is_asked(
    store: Store, case: Referral, singers: ActivityRow
) -> None:
    async with store.transaction(JO) as tx:
        await signpost(tx, CASE, singers, NOW)
        await note_unmet_need(tx, CASE, ReasonGroup.HOUSING, UnmetCause.NO_CAPACITY, NOW)
    assert await said(store) == ["activity-signposted", "need-unmet"]
    assert await states(store, case) == []


async def test_closing_with_requests_open_has_to_be_confirmed_and_takes_back_what_nobody_promised(
    store: Store, case: Referral, singers: ActivityRow
) -> None:
    promised = await ask(store, singers)
    await hear(store, promised, News.ACCEPTED)
    other = an_activity(reference="D6F-7GH", name="Platform Club")
    async with as_service(store) as tx:
        await keep_activity(tx, other)
    await ask(store, other)

    async def close(*, confirmed: bool) -> None:
        async with store.transaction(JO) as tx:
            await close_case(
                tx, CASE, reason=Closure.PERSON_ENDED, words="", confirmed=confirmed, expected=None, now=NOW
            )

    with pytest.raises(RequestsOpen, match="2 requests are still open"):
        await close(confirmed=False)
    await close(confirmed=True)
    assert sorted(await states(store, case)) == ["accepted", "declined_by_person"]
    assert (await said(store))[-2:] == ["prescription-withdrawn", "referral-closed"]
    await hear(store, promised, News.ATTENDED)


async def test_an_activity_heard_of_late_does_not_replace_what_is_known(store: Store, case: Referral) -> None:
    async with as_service(store) as tx:
        newer = an_activity(sequence=3, room="no-capacity")
        await keep_activity(tx, newer)
        await keep_activity(tx, an_activity(id=newer.id, sequence=2, room="capacity"))
        assert (await load_activity(tx, str(newer.id))).room == "no-capacity"
        assert (await load_activity(tx, "b2c4df")).id == newer.id
