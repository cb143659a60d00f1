"""A team lead accepts and allocates, or declines; nobody sees or decides what is not theirs."""

from dataclasses import replace

import pytest

from services.referral.actions.allocation import allocate, decline, who_could_take
from services.referral.actions.intake import make_referral, refer_self
from services.referral.domain.allocation import NoLinkWorker
from services.referral.domain.person import MayKnow
from services.referral.domain.referral import Decline, Referral, ReferralNotFound, Route, Status, Urgency
from services.referral.store.people import load_person
from services.referral.store.queue import mine, waiting
from services.referral.store.referrals import load_referral
from shared.runtime.actor import Actor, Role
from shared.runtime.store import StaleVersion, Store
from tests.services.referral.domain.people import a_person, a_request
from tests.services.referral.network import (
    ASH,
    AT,
    COLLEAGUE,
    JO,
    KEYS,
    NORTH,
    NORTH_LEAD,
    PERSON,
    REFERRER,
    SAM,
    SOUTH,
    SOUTH_LEAD,
    actor,
    said,
)

NUMBERS = ("9990000018", "9990000026", "9990000107", "9434765919")


async def refer(store: Store, number: str = NUMBERS[0], *, by: Actor = REFERRER, **changes: object) -> Referral:
    async with store.transaction(by) as tx:
        person = a_person(nhs_number=number, given_name=f"Person {number}")
        return await make_referral(tx, a_request(person, **changes), KEYS, AT)


async def refer_to_the_borough_queue(store: Store) -> str:
    async with store.transaction(PERSON) as tx:
        await refer_self(tx, a_request(route=Route.SELF, practice=None), KEYS, AT)
        return str((await said(tx))[0].data["reference"])


async def test_accepting_and_allocating_is_one_step(store: Store) -> None:
    made = await refer(store)
    async with store.transaction(NORTH_LEAD) as tx:
        decided = await allocate(tx, made.reference, "jo", AT, expected=1)
        events = await said(tx)
    assert (decided.referral.status, decided.link_worker_name, decided.referral.version) == (Status.ALLOCATED, "Jo", 2)
    assert [event.name for event in events[2:]] == ["referral-accepted", "referral-allocated"]
    assert events[-1].data["link_worker"] == "jo"


@pytest.mark.parametrize("may_know", [frozenset(), frozenset({MayKnow.GP_PRACTICE})])
async def test_the_referrer_may_follow_where_the_person_said_so(store: Store, may_know: frozenset[MayKnow]) -> None:
    async with store.transaction(REFERRER) as tx:
        made = await make_referral(tx, a_request(a_person(may_know=may_know)), KEYS, AT)
    async with store.transaction(NORTH_LEAD) as tx:
        await allocate(tx, made.reference, "jo", AT)
        assert (await said(tx))[-1].data["referrer_may_follow"] is bool(may_know)


async def test_handing_over_is_allocated_again_and_not_accepted_again(store: Store) -> None:
    made = await refer(store)
    async with store.transaction(NORTH_LEAD) as tx:
        await allocate(tx, made.reference, "jo", AT)
        await allocate(tx, made.reference, "al", AT)
        assert [event.name for event in await said(tx)][2:] == [
            "referral-accepted",
            "referral-allocated",
            "referral-allocated",
        ]


async def test_least_loaded_shares_cases_out_by_weight(store: Store) -> None:
    taken = []
    for number, urgency in zip(NUMBERS, [Urgency.URGENT, *[Urgency.ROUTINE] * 3], strict=True):
        made = await refer(store, number, urgency=urgency)
        async with store.transaction(NORTH_LEAD) as tx:
            taken.append((await allocate(tx, made.reference, None, AT)).referral.link_worker)
    assert taken == ["al", "jo", "jo", "al"]


async def test_a_link_worker_of_another_network_is_not_offered_and_not_taken(store: Store) -> None:
    made = await refer(store)
    async with store.transaction(NORTH_LEAD) as tx:
        person = await load_person(tx, made.person_id)
        assert {candidate.subject for candidate in await who_could_take(tx, made, person)} == {"al", "jo"}
        with pytest.raises(NoLinkWorker):
            await allocate(tx, made.reference, "sam", AT)


async def test_a_decision_on_an_older_version_is_refused(store: Store) -> None:
    made = await refer(store)
    async with store.transaction(NORTH_LEAD) as tx:
        await allocate(tx, made.reference, "jo", AT, expected=1)
    with pytest.raises(StaleVersion):
        async with store.transaction(NORTH_LEAD) as tx:
            await allocate(tx, made.reference, "al", AT, expected=1)


async def test_every_lead_sees_the_borough_queue_and_the_case_takes_their_network(store: Store) -> None:
    reference = await refer_to_the_borough_queue(store)
    for lead in (NORTH_LEAD, SOUTH_LEAD):
        async with store.transaction(lead) as tx:
            assert [row.referral.reference for row in (await waiting(tx)).rows] == [reference]
    async with store.transaction(SOUTH_LEAD) as tx:
        decided = await allocate(tx, reference, None, AT)
    assert (decided.referral.pcn, decided.referral.link_worker) == (SOUTH, "sam")
    async with store.transaction(NORTH_LEAD) as tx:
        assert (await waiting(tx)).total == 0
        with pytest.raises(ReferralNotFound):
            await load_referral(tx, reference)


async def test_declining_tells_why_and_lets_the_person_be_referred_again(store: Store) -> None:
    made = await refer(store)
    async with store.transaction(NORTH_LEAD) as tx:
        await decline(tx, made.reference, Decline.NEEDS_ANOTHER_SERVICE, "Talking therapies", AT)
        declined = (await said(tx))[-1]
    assert (declined.name, declined.data["reason"]) == ("referral-declined", "needs-another-service")
    assert "Talking" not in str(declined)
    again = await refer(store)
    assert again.reference != made.reference


async def test_the_queue_is_urgent_first_then_longest_waiting_and_can_be_paged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.referral.store.queue.PAGE", 2)
    first = await refer(store, NUMBERS[0])
    second = await refer(store, NUMBERS[1])
    urgent = await refer(store, NUMBERS[2], urgency=Urgency.URGENT)
    async with store.transaction(NORTH_LEAD) as tx:
        page = await waiting(tx)
        rest = await waiting(tx, page.next)
    assert [row.referral.reference for row in page.rows] == [urgent.reference, first.reference]
    assert [row.referral.reference for row in rest.rows] == [second.reference]
    assert (page.total, rest.total, rest.next) == (3, 3, None)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (REFERRER, True),
        (NORTH_LEAD, True),
        (JO, True),
        (COLLEAGUE, False),
        (SOUTH_LEAD, False),
        (SAM, False),
        (PERSON, False),
        (actor("op", Role.OPERATOR, NORTH), False),
        (actor("ana", Role.ANALYST, NORTH), False),
        (actor("pam", Role.PROVIDER, NORTH), False),
        (replace(JO, organisations=frozenset()), False),
    ],
    ids=lambda value: value.subject if isinstance(value, Actor) else "",
)
async def test_a_referral_is_seen_by_its_network_and_its_practice_alone(store: Store, who: Actor, sees: bool) -> None:
    made = await refer(store)
    async with store.transaction(who) as tx:
        if sees:
            assert (await load_referral(tx, made.reference)).id == made.id
        else:
            with pytest.raises(ReferralNotFound):
                await load_referral(tx, made.reference)


async def test_a_practice_lists_what_it_referred_and_nothing_else(store: Store) -> None:
    own = await refer(store)
    await refer(store, NUMBERS[1], by=COLLEAGUE, practice=ASH)
    await refer_oneself_at_elm(store)
    async with store.transaction(REFERRER) as tx:
        assert [row.referral.reference for row in (await mine(tx)).rows] == [own.reference]


async def refer_oneself_at_elm(store: Store) -> None:
    async with store.transaction(PERSON) as tx:
        person = a_person(nhs_number=NUMBERS[2])
        await refer_self(tx, a_request(person, route=Route.SELF), KEYS, AT)
    async with store.transaction(NORTH_LEAD) as tx:
        assert {row.referral.pcn for row in (await waiting(tx)).rows} == {NORTH}
