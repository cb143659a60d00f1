"""A referral is made, once, for one person, and only what may be known is told."""

import asyncio
from datetime import date

import pytest

from services.referral.actions.intake import make_referral, refer_self
from services.referral.domain.intake import Incomplete, Request
from services.referral.domain.open_referral import AlreadyOpen
from services.referral.domain.person import Channel, ContactRules, PersonDetails
from services.referral.domain.referral import Referral, Route, Status, Urgency
from services.referral.store.notes import notes_of
from services.referral.store.people import load_person
from services.referral.store.referrals import load_referral
from shared.events.contact import ContactDetails
from shared.runtime.actor import Actor
from shared.runtime.sealing import Sealed, unseal
from shared.runtime.store import Store
from tests.services.referral.domain.people import ROSA, a_person, a_request
from tests.services.referral.network import (
    ALONE,
    AT,
    COLLEAGUE,
    KEYS,
    NORTH,
    NORTH_LEAD,
    OAK,
    OWN,
    PERSON,
    REFERRER,
    SOUTH_LEAD,
    said,
)


async def refer(store: Store, request: Request | None = None, by: Actor = REFERRER) -> Referral:
    async with store.bare(by) as tx:
        return await make_referral(tx, request or a_request(), KEYS, AT)


async def refer_oneself(store: Store, person: PersonDetails = ROSA, practice: str | None = None) -> None:
    async with store.transaction(PERSON) as tx:
        await refer_self(tx, a_request(person, route=Route.SELF, practice=practice), KEYS, AT)


async def count(store: Store, table: str) -> int:
    async with store.transaction(PERSON) as tx:
        return int((await tx.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def test_a_referral_is_kept_as_it_was_made_and_stands_in_the_persons_network(store: Store) -> None:
    made = await refer(store, a_request(urgency=Urgency.URGENT, what_matters="To sing again"))
    async with store.transaction(NORTH_LEAD) as tx:
        read = await load_referral(tx, made.reference)
        assert (read, (await load_person(tx, read.person_id)).details) == (made, ROSA)
    assert (read.status, read.pcn, read.weight, read.owed_by) == (Status.RECEIVED, NORTH, 2, "team lead")


async def test_the_topic_learns_ids_and_coarse_facts_alone(store: Store) -> None:
    made = await refer(store)
    async with store.transaction(REFERRER) as tx:
        created, consent = await said(tx)
    assert (created.name, created.subject, created.pcn) == ("referral-created", str(made.id), NORTH)
    assert created.data["reason_group"] == "social-connection"
    assert created.data["referrer"]["version"] == 1
    assert consent.data == {"basis": "person"}
    for word in ("Rosa", "Okafor", "9990000018", "RM17", "07700", "debt"):
        assert word not in str(created) + str(consent)


async def test_how_the_person_is_reached_travels_sealed(store: Store) -> None:
    await refer(store)
    async with store.transaction(REFERRER) as tx:
        contact = (await said(tx, "referral-contacts"))[-1].data
        person = (await said(tx))[0].data["person"]
    assert "rosa@example.com" not in str(contact)
    place = {"topic": "referral-contacts", "contact_id": person["contact_id"], "version": person["version"]}
    plain = unseal(Sealed(**contact["sealed"]), own=OWN, **place)
    details = ContactDetails.model_validate_json(plain)
    assert (details.email, details.what_to_call, details.notify_by) == ("rosa@example.com", "Rosa", "email")


async def test_an_incomplete_referral_changes_nothing(store: Store) -> None:
    with pytest.raises(Incomplete):
        await refer(store, a_request(agreement=None))
    assert (await count(store, "referral"), await count(store, "person")) == (0, 0)


async def test_nobody_refers_for_a_practice_that_is_not_theirs(store: Store) -> None:
    with pytest.raises(Incomplete) as refused:
        await refer(store, a_request(practice=OAK))
    assert set(refused.value.problems) == {"practice"}


async def test_a_colleague_of_the_practice_is_told_of_the_open_referral(store: Store) -> None:
    made = await refer(store)
    with pytest.raises(AlreadyOpen) as refused:
        await refer(store)
    told = refused.value.told
    assert (told.certain, told.reference, told.status) == (True, made.reference, Status.RECEIVED)


async def test_another_practice_is_told_only_whom_to_ask(store: Store) -> None:
    await refer(store)
    with pytest.raises(AlreadyOpen) as refused:
        await refer(store, a_request(practice="F81002"), by=COLLEAGUE)
    told = refused.value.told
    assert (told.ask, told.reference, told.status, told.link_worker_name) == ("North PCN", None, None, "")
    assert "Elm" not in str(refused.value)


async def test_a_namesake_may_be_somebody_else_when_a_professional_says_so(store: Store) -> None:
    unnumbered = a_request(a_person(nhs_number=None))
    await refer(store, unnumbered)
    with pytest.raises(AlreadyOpen) as refused:
        await refer(store, unnumbered)
    assert not refused.value.told.certain
    await refer(store, a_request(a_person(nhs_number=None), different_person=True))
    assert await count(store, "referral") == 2


async def test_an_nhs_number_outweighs_the_word_of_a_professional(store: Store) -> None:
    await refer(store)
    with pytest.raises(AlreadyOpen):
        await refer(store, a_request(a_person(family_name="Smith"), different_person=True))


async def test_two_people_of_one_name_with_numbers_of_their_own_are_both_referred(store: Store) -> None:
    await refer(store)
    await refer(store, a_request(a_person(nhs_number="9990000026")))
    assert await count(store, "referral") == 2


async def test_two_referrals_of_one_person_at_one_moment_make_one(store: Store) -> None:
    together = await asyncio.gather(*(refer(store) for _ in range(4)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in together) == ["AlreadyOpen"] * 3 + ["Referral"]
    assert await count(store, "referral") == 1


@pytest.mark.parametrize("number", [ROSA.nhs_number, None])
async def test_who_waited_for_a_referral_of_the_same_person_sees_it(store: Store, number: str | None) -> None:
    async with store.bare(REFERRER) as tx:
        made = await make_referral(tx, a_request(), KEYS, AT)
        second = asyncio.create_task(refer(store, a_request(a_person(nhs_number=number))))
        while not await waiting_for_a_lock(store):
            assert not second.done()
            await asyncio.sleep(0.01)
    with pytest.raises(AlreadyOpen) as refused:
        await second
    assert refused.value.told.reference == made.reference
    assert refused.value.told.certain is (number is not None)


async def waiting_for_a_lock(store: Store) -> bool:
    waits = """
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    async with store.bare(PERSON) as tx:
        return bool(await tx.fetch(waits))


async def test_many_referrals_of_one_person_and_a_namesake_at_one_moment_make_one_of_each(store: Store) -> None:
    numbered, other = a_request(), a_request(a_person(nhs_number="9990000026"))
    requests = [request for _ in range(6) for request in (numbered, other)]
    together = await asyncio.gather(*(refer(store, request) for request in requests), return_exceptions=True)
    assert sorted(type(result).__name__ for result in together) == ["AlreadyOpen"] * 10 + ["Referral"] * 2
    assert await count(store, "open_person") == 4


async def test_a_referral_leaves_all_of_itself_or_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        await refer_in_vain(store)
    assert [await count(store, table) for table in ("person", "referral", "open_person")] == [0, 0, 0]
    async with store.transaction(REFERRER) as tx:
        assert await said(tx) == []


async def refer_in_vain(store: Store) -> None:
    async with store.bare(REFERRER) as tx:
        await make_referral(tx, a_request(), KEYS, AT)
        raise ZeroDivisionError


async def test_a_self_referral_stands_in_the_network_of_the_persons_practice(store: Store) -> None:
    await refer_oneself(store, practice=OAK)
    async with store.transaction(SOUTH_LEAD) as tx:
        created = (await said(tx))[0]
    assert (created.pcn, created.data["route"], created.data.get("referrer")) == ("U00002", "self", None)


@pytest.mark.parametrize("practice", [None, "Z99999", ALONE])
async def test_a_self_referral_without_a_known_network_stands_in_the_borough_queue(
    store: Store, practice: str | None
) -> None:
    await refer_oneself(store, practice=practice)
    async with store.transaction(NORTH_LEAD) as tx:
        created = (await said(tx))[0]
        assert (await load_referral(tx, created.data["reference"])).pcn is None


async def test_a_self_referral_of_somebody_known_reaches_the_open_case_as_a_note(store: Store) -> None:
    made = await refer(store)
    by_text = ContactRules(channels=frozenset({Channel.TEXT}))
    await refer_oneself(store, a_person(phone="07700 900 999", contact=by_text))
    await refer_oneself(store, a_person(nhs_number=None))
    assert await count(store, "referral") == 1
    async with store.transaction(NORTH_LEAD) as tx:
        notes = await notes_of(tx, made.id)
    assert sorted(note.certain for note in notes) == [False, True]
    assert "07700 900 999" in next(note.words for note in notes if note.certain)


async def test_what_a_self_referral_brings_about_outside_its_case_is_the_same_for_everybody(store: Store) -> None:
    made = await refer(store)
    for person in (ROSA, a_person(nhs_number="9990000026", given_name="Ada")):
        await refer_oneself(store, person, practice=OAK)
    async with store.transaction(NORTH_LEAD) as tx:
        received = [event for event in await said(tx) if event.name == "self-referral-received"]
        stated = {event.data["contact_id"] for event in await said(tx, "referral-contacts")}
        (note,) = await notes_of(tx, made.id)
    known, new = received
    assert (known.pcn, list(known.data)) == (new.pcn, list(new.data)) == ("U00002", ["person"])
    assert str(made.id) not in (known.subject, new.subject)
    assert {event.data["person"]["contact_id"] for event in received} <= stated
    assert str(note.contact) == known.data["person"]["contact_id"]


async def test_born_on_another_day_is_another_person(store: Store) -> None:
    await refer(store, a_request(a_person(nhs_number=None)))
    await refer_oneself(store, a_person(nhs_number=None, born_on=date(1951, 3, 15)))
    assert await count(store, "referral") == 2
