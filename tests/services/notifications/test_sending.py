"""Sending is recorded before the mail server hears of it, and nothing is sent twice by itself."""

import asyncio
from datetime import timedelta

import pytest

from services.notifications.actions import letters
from services.notifications.actions.sending import Outgoing
from services.notifications.domain.delivery import WAITS, NotPossible
from services.notifications.mail import Outcome
from services.notifications.sender import Sender
from shared.backbone.consumers import handle
from shared.events import referral
from shared.events.streams import DIRECTORY_CONTACTS, REFERRAL_CONTACTS
from shared.events.vocabulary import Channel
from shared.runtime.actor import Actor, Role, system
from shared.runtime.clock import now
from shared.runtime.store import StaleVersion
from tests.services.notifications.stage import PCN, Stage, Story, at, contact, said

LEAD = Actor("lead", frozenset({Role.TEAM_LEAD}), frozenset({PCN}))
LETTER = {"notify_by": Channel.LETTER, "address_lines": ("1 Elm Street", "Elm"), "postcode": "RM17 6XX"}


async def one_to_the_person(stage: Stage, **person: object) -> Story:
    story = Story(**person)
    await stage.hear(story.created, story.person, story.network)
    await stage.rows("DELETE FROM message WHERE audience <> 'person' RETURNING 1")
    return story


async def state(stage: Stage) -> tuple[str, str]:
    (row,) = await stage.rows("SELECT state, reason FROM message")
    return row["state"], row["reason"]


async def test_a_message_is_recorded_as_being_sent_before_the_mail_server_hears_of_it(stage: Stage) -> None:
    await one_to_the_person(stage)
    seen: list[str] = []

    class Watching:
        async def deliver(self, outgoing: Outgoing) -> Outcome:
            seen.append((await state(stage))[0])
            return Outcome.TAKEN

    await Sender(stage.store, Watching(), "").send_next()
    assert seen == ["sending"]
    assert await state(stage) == ("sent", "")


async def test_a_crash_while_sending_leaves_a_message_not_known_to_be_sent_and_it_is_not_sent_again(
    stage: Stage,
) -> None:
    await one_to_the_person(stage)
    reached = asyncio.Event()

    class Hanging:
        async def deliver(self, outgoing: Outgoing) -> Outcome:
            reached.set()
            await asyncio.Event().wait()
            return Outcome.TAKEN

    dying = asyncio.create_task(Sender(stage.store, Hanging(), "").run())
    await asyncio.wait_for(reached.wait(), 10)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert await state(stage) == ("sending", "")

    assert await stage.sender.recover() == 1
    await stage.send()
    assert await state(stage) == ("unsure", "not-known-whether-sent")
    assert stage.post.taken == []
    assert [event["data"]["reason"] for event in await stage.events()] == ["not-known-whether-sent"]


async def test_a_lost_message_goes_again_only_when_a_person_says_so(stage: Stage) -> None:
    await one_to_the_person(stage)
    with stage.post.answering(lambda _: Outcome.NOT_KNOWN):
        await stage.send()
    (row,) = await stage.rows("SELECT id, version FROM message")
    async with stage.store.transaction(LEAD) as tx:
        await letters.send_again(tx, row["id"], LEAD.organisations, expected=row["version"])
    await stage.send()
    assert await state(stage) == ("sent", "")
    assert len(stage.post.taken) == 1
    with pytest.raises(NotPossible):
        async with stage.store.transaction(LEAD) as tx:
            await letters.send_again(tx, row["id"], LEAD.organisations, expected=None)


async def test_a_lead_of_another_network_cannot_send_a_message_again(stage: Stage) -> None:
    await one_to_the_person(stage)
    with stage.post.answering(lambda _: Outcome.NOT_KNOWN):
        await stage.send()
    (row,) = await stage.rows("SELECT id FROM message")
    with pytest.raises(letters.NoSuchMessage):
        async with stage.store.transaction(LEAD) as tx:
            await letters.send_again(tx, row["id"], frozenset({"U00002"}), expected=None)


async def test_a_lasting_refusal_fails_the_message_and_says_so(stage: Stage) -> None:
    story = await one_to_the_person(stage)
    with stage.post.answering(lambda _: Outcome.REFUSED):
        await stage.send()
    assert await state(stage) == ("failed", "refused")
    (event,) = await stage.events()
    assert (event["type"], event["partitionkey"]) == ("kith.message-failed.v1", str(story.ids.referral))


async def test_a_passing_trouble_puts_the_message_off_and_the_tries_are_bounded(stage: Stage) -> None:
    await one_to_the_person(stage)
    with stage.post.answering(lambda _: Outcome.NOT_NOW):
        await stage.send()
        (row,) = await stage.rows("SELECT state, waiting, due FROM message")
        assert (row["state"], row["waiting"]) == ("queued", "retry")
        assert timedelta(0) < row["due"] - now() <= WAITS[0]
        for _ in WAITS:
            await stage.rows("UPDATE message SET due = NULL RETURNING 1")
            await stage.send()
    assert await state(stage) == ("failed", "tries-used-up")


async def test_nothing_goes_to_a_contact_marked_unsafe(stage: Stage) -> None:
    await one_to_the_person(stage, unsafe=True, **LETTER)
    await stage.send()
    assert stage.post.taken == []
    assert await state(stage) == ("withheld", "unsafe")
    (event,) = await stage.events()
    assert event["type"] == "kith.message-withheld.v1"
    assert event["data"]["reason"] == "unsafe"


async def test_what_arrives_while_a_message_finds_it_missing_does_not_leave_the_message_waiting(stage: Stage) -> None:
    story = Story()
    await stage.hear(story.created, story.network)
    await stage.rows("DELETE FROM message WHERE audience <> 'person' RETURNING 1")
    work = stage.table.read(story.person)
    assert work is not None
    async with stage.store.transaction(system("notifications")) as tx:
        await handle(tx, work)
        looking = asyncio.create_task(stage.sender.send_next())
        async with asyncio.timeout(10):
            while not await stage.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                assert not looking.done(), "the sender did not wait for what was arriving"
    assert await looking
    await stage.send()
    assert await state(stage) == ("sent", "")


async def test_a_sent_message_is_told_to_the_network_without_its_words(stage: Stage) -> None:
    story = await one_to_the_person(stage)
    await stage.send()
    (event,) = await stage.events()
    assert event["type"] == "kith.message-sent.v1"
    assert event["partitionkey"] == str(story.ids.referral)
    assert event["pcn"] == PCN
    assert set(event["data"]) == {"message_id", "kind", "audience", "channel"}


async def test_who_asked_for_post_gets_a_letter_to_print_and_no_email(stage: Stage) -> None:
    await one_to_the_person(stage, **LETTER)
    await stage.send()
    assert stage.post.taken == []
    (row,) = await stage.rows("SELECT reference, state FROM message")
    assert row["state"] == "to_print"
    async with stage.store.transaction(LEAD) as tx:
        letter = await letters.find_letter(tx, row["reference"], LEAD.organisations, now())
        await letters.post_letter(tx, row["reference"], LEAD.organisations, expected=letter.version, now=now())
    assert (letter.to.full_name, letter.sender) == ("Rosa Okafor", "Elm PCN")
    assert (await state(stage))[0] == "posted"
    assert [event["data"]["channel"] for event in await stage.events()] == ["letter"]


async def test_a_letter_seen_before_a_change_cannot_be_marked_as_posted(stage: Stage) -> None:
    await one_to_the_person(stage, **LETTER)
    await stage.send()
    (row,) = await stage.rows("SELECT reference, version FROM message")
    old = row["version"] - 1
    with pytest.raises(StaleVersion):
        async with stage.store.transaction(LEAD) as tx:
            await letters.post_letter(tx, row["reference"], LEAD.organisations, expected=old, now=now())


async def test_a_letter_not_yet_posted_is_withheld_when_its_address_becomes_unsafe(stage: Stage) -> None:
    story = await one_to_the_person(stage, **LETTER)
    await stage.send()
    await stage.hear(contact(REFERRAL_CONTACTS, story.ids.person, 2, unsafe=True, **LETTER))
    await stage.send()
    assert await state(stage) == ("withheld", "unsafe")


async def test_a_letter_of_another_network_is_not_found(stage: Stage) -> None:
    await one_to_the_person(stage, **LETTER)
    await stage.send()
    (row,) = await stage.rows("SELECT reference FROM message")
    with pytest.raises(letters.NoSuchMessage):
        async with stage.store.transaction(system("notifications")) as tx:
            await letters.find_letter(tx, row["reference"], {"U00002"}, now())


async def test_two_senders_side_by_side_send_each_message_once(stage: Stage) -> None:
    stories = [Story() for _ in range(6)]
    for story in stories:
        await stage.hear(*(record for stream in story.streams for record in stream))
    other = Sender(stage.store, stage.post, "")
    running = [asyncio.create_task(sender.run()) for sender in (stage.sender, other)]
    async with asyncio.timeout(30):
        while await stage.rows("SELECT 1 FROM message WHERE state <> 'sent'"):  # noqa: ASYNC110 - the store tells no one
            await asyncio.sleep(0.05)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    ids = [outgoing.message_id for outgoing in stage.post.taken]
    assert len(ids) == len(set(ids)) == 12 * len(stories)


async def test_a_provider_whom_nothing_can_reach_is_told_of_and_not_taken_for_one_who_asked_for_nothing(
    stage: Stage,
) -> None:
    story = Story()
    unreachable = contact(DIRECTORY_CONTACTS, story.ids.provider, kind="provider", email=None)
    await stage.hear(story.created, story.allocated, story.prescribed, story.listed, story.network, unreachable)
    await stage.send()
    told = [event["data"] for event in await stage.events() if event["type"] == "kith.message-withheld.v1"]
    assert [(data["audience"], data["kind"], data["reason"]) for data in told] == [
        ("provider", "activity-prescribed", "no-address")
    ]


async def test_a_referrer_who_may_not_follow_is_not_told_of_a_place(stage: Stage) -> None:
    story = Story()
    refs = {"person": at(story.ids.person), "referrer": at(story.ids.referrer)}
    worker = {"link_worker_contact": at(story.ids.worker), "referrer_may_follow": False}
    allocated = said(referral.ReferralAllocated, story.ids.referral, story.ids.referral, **refs, **worker)
    streams = [story.person, story.referrer, story.worker, story.listed, story.accepted, story.attended]
    await stage.hear(*streams, story.created, allocated, story.prescribed)
    await stage.send()
    told = [row["occasion"] for row in await stage.rows("SELECT occasion FROM message WHERE audience = 'referrer'")]
    assert sorted(told) == ["referral-allocated", "referral-created"]


async def test_who_is_not_taken_on_is_told_so(stage: Stage) -> None:
    story = Story()
    refs = {"person": at(story.ids.person), "referrer": at(story.ids.referrer)}
    declined = said(referral.ReferralDeclined, story.ids.referral, story.ids.referral, **refs)
    await stage.hear(story.created, declined, story.person, story.referrer)
    await stage.send()
    to_person, to_referrer = (stage.post.texts()[audience][-1] for audience in ("person", "referrer"))
    assert "cannot take it on" in to_person
    assert "not accepted" in to_referrer
