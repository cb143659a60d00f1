"""Practices and networks are taken in from the published files, and a second run changes nothing."""

from dataclasses import replace
from datetime import date, timedelta

from services.referral.actions.organisations import import_organisations
from services.referral.domain.matching import keys_of
from services.referral.imports.rows import Membership, OrganisationFile, Standing
from services.referral.store.intake import known_of
from services.referral.store.network import open_practices
from shared.runtime.actor import system
from shared.runtime.imports import Reject, Tally
from shared.runtime.store import Store
from tests.services.referral.domain.people import ROSA
from tests.services.referral.network import AT, ELM, KEYS, NORTH, SOUTH, organisations, said

TODAY = AT.date()


async def take(store: Store, file: OrganisationFile) -> Tally:
    async with store.transaction(system("referral")) as tx:
        return await import_organisations(tx, file, KEYS, AT)


async def test_a_second_run_changes_nothing_and_says_nothing(store: Store) -> None:
    async with store.transaction(system("referral")) as tx:
        before = len(await said(tx, "network-events"))
    tally = await take(store, organisations())
    assert tally.counts() == {"read": 6, "added": 0, "changed": 0, "unchanged": 6, "rejected": 0}
    async with store.transaction(system("referral")) as tx:
        assert len(await said(tx, "network-events")) == before == 6


async def test_what_changed_is_counted_and_published_whole(store: Store) -> None:
    elm = replace(organisations().practices[0], name="Elm Tree Surgery")
    tally = await take(store, organisations(practices=(elm,), rejects=(Reject(7, "X", "the practice has no name"),)))
    assert tally.counts() == {"read": 4, "added": 0, "changed": 1, "unchanged": 2, "rejected": 1}
    async with store.transaction(system("referral")) as tx:
        listed = (await said(tx, "network-events"))[-1].data
        assert (listed["organisation_name"], listed["pcn"], listed["open"]) == ("Elm Tree Surgery", NORTH, True)
        assert (await said(tx, "referral-contacts"))[-1].data["contact_version"] == 2


async def test_a_practice_that_changes_networks_keeps_its_dates(store: Store) -> None:
    moved = (Membership(NORTH, date(2019, 7, 1), TODAY - timedelta(days=1)), Membership(SOUTH, TODAY, None))
    elm = replace(organisations().practices[0], memberships=moved)
    await take(store, organisations(practices=(elm,)))
    async with store.transaction(system("referral")) as tx:
        known = await known_of(tx, keys_of(ROSA, KEYS.person), {ELM})
    assert known.network(ELM, TODAY) == SOUTH
    assert known.network(ELM, TODAY - timedelta(days=1)) == NORTH


async def test_a_closed_practice_takes_no_more_referrals(store: Store) -> None:
    elm = replace(organisations().practices[0], standing=Standing.CLOSED, closed=TODAY)
    await take(store, organisations(practices=(elm,)))
    async with store.transaction(system("referral")) as tx:
        assert await open_practices(tx, {ELM}) == []
        assert not (await said(tx, "network-events"))[-1].data["open"]
