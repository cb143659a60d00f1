"""What a link worker records on a case, in a real store: saved and said in one transaction, or not at all."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.referral.actions.closing import close_case
from services.referral.actions.contact_attempts import record_contact
from services.referral.actions.outcomes import record_outcome
from services.referral.actions.plan import agree_plan
from services.referral.actions.sessions import Booking, book_session, record_session
from services.referral.domain import contacts, sessions
from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.outcomes import BaselineAlreadyRecorded, Ons4, Stage
from services.referral.domain.plan import Goal, PlanAction
from services.referral.domain.referral import Closure, NotOpen, Referral, ReferralNotFound
from services.referral.domain.sessions import Session, SessionState
from services.referral.store.cases import load_case
from services.referral.store.records import load_outcomes, load_plan, load_sessions
from shared.runtime.actor import Actor
from shared.runtime.store import StaleVersion, Store
from tests.services.referral.cases.world import AL, FAR_LEAD, JO, LEE, NOW, REFERRER, as_service, said, status_of


async def call(store: Store, outcome: ContactOutcome = ContactOutcome.REACHED, actor: Actor = JO) -> Referral:
    async with store.transaction(actor) as tx:
        return await record_contact(
            tx, "K7F-3QD", mode=ContactMode.PHONE, outcome=outcome, at=NOW, note="Spoke of the choir", now=NOW
        )


async def hold(store: Store, **changes: Any) -> Session:
    given: dict[str, Any] = {
        "number": None,
        "happened": SessionState.COMPLETED,
        "at": NOW,
        "mode": ContactMode.FACE_TO_FACE,
        "note": "Tried the choir",
        "then": None,
        "now": NOW,
    }
    async with store.transaction(JO) as tx:
        return await record_session(tx, "K7F-3QD", **(given | changes))


@pytest.mark.parametrize("actor", [AL, FAR_LEAD, REFERRER])
async def test_a_case_is_for_its_link_worker_and_their_team_lead_alone(
    store: Store, case: Referral, actor: Actor
) -> None:
    for allowed in (JO, LEE):
        async with store.transaction(allowed) as tx:
            assert (await load_case(tx, case.reference)).id == case.id
    with pytest.raises(ReferralNotFound):
        await call(store, actor=actor)
    assert await said(store) == []


async def test_reaching_the_person_makes_the_case_active_and_trying_does_not(store: Store, case: Referral) -> None:
    await call(store, ContactOutcome.NO_ANSWER)
    assert await status_of(store, case.id) == "allocated"
    await call(store)
    assert await status_of(store, case.id) == "active"
    assert await said(store) == ["contact-attempted", "contact-attempted"]


async def test_a_message_that_is_not_safe_is_refused_and_nothing_is_kept(store: Store, case: Referral) -> None:
    with pytest.raises(contacts.VoicemailUnsafe):
        await call(store, ContactOutcome.LEFT_MESSAGE)
    assert await said(store) == []


async def test_a_session_that_took_place_makes_the_case_active_and_may_book_the_next(
    store: Store, case: Referral
) -> None:
    later = Booking(NOW + timedelta(days=7), ContactMode.PHONE)
    assert (await hold(store, then=later)).held == 1
    assert await status_of(store, case.id) == "active"
    assert await said(store) == ["session-completed", "session-booked"]
    assert (await hold(store, happened=SessionState.MISSED)).number == 2
    async with store.transaction(JO) as tx:
        found = await load_sessions(tx, case.id)
    assert [(each.number, each.state.value, each.held) for each in found] == [
        (1, "completed", 1),
        (2, "missed", None),
    ]
    assert (await said(store))[-1] == "session-missed"


async def test_a_thirteenth_session_is_refused_even_when_two_are_saved_at_once(store: Store, case: Referral) -> None:
    for _ in range(11):
        await hold(store)
    both = await asyncio.gather(hold(store), hold(store), return_exceptions=True)
    assert [type(each) for each in both if isinstance(each, Exception)] == [sessions.SessionLimitReached]
    assert (await said(store)).count("session-completed") == 12


async def test_the_same_session_is_not_recorded_twice(store: Store, case: Referral) -> None:
    await hold(store, number=1)
    with pytest.raises(sessions.SessionAlreadyRecorded):
        await hold(store, number=1)


async def test_a_session_can_be_booked_by_itself(store: Store, case: Referral) -> None:
    async with store.transaction(JO) as tx:
        await book_session(tx, case.reference, Booking(NOW + timedelta(days=1), ContactMode.PHONE), NOW)
    assert await said(store) == ["session-booked"]


async def agree(store: Store, expected: int | None) -> None:
    goal = Goal("I want to sing again", (PlanAction("Call the choir", "Jo", NOW.date()),))
    async with store.transaction(JO) as tx:
        await agree_plan(
            tx,
            "K7F-3QD",
            goals=(goal,),
            what_matters="My sister",
            strengths="A good voice",
            agreed_on=NOW.date(),
            expected=expected,
            now=NOW,
        )


async def test_a_plan_drawn_from_an_old_version_is_refused(store: Store, case: Referral) -> None:
    await agree(store, 0)
    with pytest.raises(StaleVersion):
        await agree(store, 0)
    await agree(store, 1)
    async with store.transaction(JO) as tx:
        plan = await load_plan(tx, case.id)
    assert plan is not None
    assert (plan.version, plan.goals[0].actions[0].by) == (2, NOW.date())
    assert await said(store) == ["plan-agreed", "plan-agreed"]


async def measure(store: Store, answers: Ons4 | None, skip: str = "") -> None:
    async with store.transaction(JO) as tx:
        await record_outcome(
            tx, "K7F-3QD", stage=Stage.BASELINE, on=NOW.date(), answers=answers, skip_reason=skip, now=NOW
        )


async def test_a_skipped_baseline_may_be_asked_later_and_then_stands(store: Store, case: Referral) -> None:
    await measure(store, None, "Too upset today")
    await measure(store, Ons4(3, 0, 2, 10))
    with pytest.raises(BaselineAlreadyRecorded):
        await measure(store, Ons4(3, 0, 2, 10))
    async with store.transaction(JO) as tx:
        found = await load_outcomes(tx, case.id)
    assert [each.answers for each in found] == [None, Ons4(3, 0, 2, 10)]


async def test_a_closed_case_frees_the_person_and_takes_no_more(store: Store, case: Referral) -> None:
    async with store.transaction(JO) as tx:
        await close_case(
            tx, case.reference, reason=Closure.GOALS_REACHED, words="", confirmed=False, expected=1, now=NOW
        )
    assert await status_of(store, case.id) == "closed"
    async with as_service(store) as tx:
        assert await tx.rows("SELECT 1 FROM open_person") == []
    assert await said(store) == ["referral-closed"]
    with pytest.raises(NotOpen):
        await call(store)
