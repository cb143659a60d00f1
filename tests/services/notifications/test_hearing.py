"""Messages come of events, once each, whatever the order in which the streams arrive."""

import json
import random
from collections.abc import Iterator, Sequence

import pytest

from shared.backbone.consumers import Record
from shared.events import directory, network, place, referral
from shared.events.envelope import Fact
from shared.events.snapshots import example
from shared.events.streams import REFERRAL_CONTACTS, read_by, stream_of
from shared.runtime.ids import new_id
from tests.services.notifications.stage import Stage, Story, at, contact, said

EVERYTHING = [
    ("activity-prescribed", "provider", "sent"),
    ("attendance-recorded", "referrer", "sent"),
    ("place-accepted", "link-worker", "sent"),
    ("place-accepted", "person", "sent"),
    ("place-accepted", "referrer", "sent"),
    ("referral-allocated", "link-worker", "sent"),
    ("referral-allocated", "person", "sent"),
    ("referral-allocated", "referrer", "sent"),
    ("referral-created", "person", "sent"),
    ("referral-created", "referrer", "sent"),
    ("reply-overdue", "link-worker", "sent"),
    ("reply-overdue", "provider", "sent"),
]


def shuffled(streams: Sequence[Sequence[Record]], seed: int) -> Iterator[Record]:
    """Every record twice, each stream's in order, the streams mixed."""
    chance = random.Random(seed)
    left = [[record for record in stream for _ in range(2)] for stream in streams]
    while left := [stream for stream in left if stream]:
        yield chance.choice(left).pop(0)


@pytest.mark.parametrize("seed", range(5))
async def test_everyone_is_told_once_however_the_streams_are_mixed(stage: Stage, seed: int) -> None:
    story = Story()
    for record in shuffled(story.streams, seed):
        await stage.hear(record)
        await stage.sender.send_next()
    await stage.send()
    assert await stage.states() == EVERYTHING
    assert len(stage.post.taken) == len(EVERYTHING)


async def test_a_batch_heard_at_once_tells_whom_it_would_have_told_one_by_one(stage: Stage) -> None:
    story = Story()
    referrals, places, listed, names, *contacts = story.streams
    for batch in (contacts[0], contacts[1], contacts[2], listed, names):
        await stage.hear(*batch)
    await stage.hear_together(*referrals, *referrals)
    await stage.hear_together(*places)
    await stage.send()
    assert await stage.states() == EVERYTHING
    kept = await stage.rows("SELECT referrer_contact, link_worker_contact, referrer_follows FROM referral")
    follows = json.loads(story.allocated.value or b"")["data"]["referrer_may_follow"]
    who = {"referrer_contact": story.ids.referrer, "link_worker_contact": story.ids.worker}
    assert kept == [{**who, "referrer_follows": follows}]


async def test_what_a_batch_says_of_one_person_stands_as_if_heard_one_by_one(stage: Stage) -> None:
    one, other = new_id(), new_id()
    gone = [Record(REFERRAL_CONTACTS.name, 0, 0, str(who), None) for who in (one, other)]
    first, second, third = (contact(REFERRAL_CONTACTS, one, n, email=f"{n}@kith.example") for n in (1, 2, 3))
    await stage.hear_together(second, first, gone[0], gone[0], third, gone[1], contact(REFERRAL_CONTACTS, other, 1))
    held = await stage.rows("SELECT contact_id, version, email, address_lines, erased FROM contact ORDER BY contact_id")
    assert [(row["contact_id"], row["version"], row["email"], row["erased"]) for row in held] == [
        (one, 3, "3@kith.example", False),
        (other, 1, f"{other}@kith.example", False),
    ]
    await stage.hear_together(first, gone[1])
    held = await stage.rows("SELECT version, email, erased FROM contact ORDER BY contact_id")
    assert [tuple(row.values()) for row in held] == [(3, "3@kith.example", False), (1, "", True)]


async def test_a_letters_lines_are_kept_in_their_order(stage: Stage) -> None:
    lines = ["3 Customs Street", 'Grays, "the Works"', "{Thurrock}"]
    await stage.hear_together(contact(REFERRAL_CONTACTS, new_id(), address_lines=lines))
    assert await stage.rows("SELECT address_lines FROM contact") == [{"address_lines": lines}]


@pytest.mark.parametrize("kind", ["full", "minimal"])
async def test_every_committed_example_that_notifications_handles_is_understood_twice(stage: Stage, kind: str) -> None:
    handled = [fact for stream in read_by("notifications") if not stream.sealed for fact in stream.facts]
    for fact in handled:
        value = example(fact, kind)
        key = "0199c0de-0000-7000-8000-000000000001"
        work = stage.table.read(Record(stream_of(fact).name, 0, 0, key, value))
        if work:
            await stage.hear(work.record, work.record)
    messages = await stage.rows("SELECT event_id, audience FROM message")
    assert len(messages) == len({(m["event_id"], m["audience"]) for m in messages}) > 0


async def test_a_message_waits_for_the_version_of_the_contact_that_its_event_names(stage: Stage) -> None:
    story = Story()
    newer = said(referral.ReferralCreated, story.ids.referral, story.ids.referral, person=at(story.ids.person, 2))
    await stage.hear(newer, story.person)
    await stage.send()
    waiting = await stage.rows("SELECT state, waiting FROM message WHERE audience = 'person'")
    assert waiting == [{"state": "queued", "waiting": "contact"}]
    await stage.hear(contact(REFERRAL_CONTACTS, story.ids.person, 3, email="new@kith.example"))
    await stage.send()
    assert [one.ready.contact.email for one in stage.post.taken] == ["new@kith.example"]


async def test_an_older_version_never_replaces_a_newer_one(stage: Stage) -> None:
    story = Story()
    await stage.hear(contact(REFERRAL_CONTACTS, story.ids.person, 2, email="new@kith.example"), story.person)
    held = await stage.rows("SELECT version, email FROM contact")
    assert held == [{"version": 2, "email": "new@kith.example"}]


async def test_a_tombstone_erases_the_contact_and_nothing_goes_there_any_more(stage: Stage) -> None:
    story = Story()
    gone = Record(REFERRAL_CONTACTS.name, 0, 0, str(story.ids.person), None)
    await stage.hear(story.person, gone, gone, story.created)
    await stage.send()
    held = await stage.rows("SELECT full_name, email, address_lines FROM contact WHERE erased")
    assert held == [{"full_name": "", "email": "", "address_lines": []}]
    told = await stage.rows("SELECT state, reason FROM message WHERE audience = 'person'")
    assert told == [{"state": "withheld", "reason": "erased"}]


async def test_who_refers_themself_gets_the_same_receipt_whatever_becomes_of_it(stage: Stage) -> None:
    """Whether a referral was made of it, or it reached an open case as a note."""
    known, new = Story(), Story()
    refs = {"person": at(new.ids.person), "referrer": None, "route": "self"}
    created = said(referral.ReferralCreated, new.ids.referral, new.ids.referral, **refs)
    for story in (known, new):
        received = new_id()
        person = at(story.ids.person)
        await stage.hear(said(referral.SelfReferralReceived, received, received, person=person), story.person)
    await stage.hear(created, known.network)
    await stage.send()
    assert await stage.states() == [("referral-created", "person", "sent")] * 2
    one, other = stage.post.texts()["person"]
    assert one == other
    assert "K7F-3QD" not in one


async def test_a_revised_listing_or_a_statement_of_room_alone_names_the_provider(stage: Stage) -> None:
    story = Story()
    for fact in (directory.CapacityStated, directory.ActivityRevised, directory.ActivityWithdrawn):
        whole = stage.table.read(story.listed)
        assert whole is not None
        activity = whole.event.data.activity.model_dump(mode="json")  # type: ignore[union-attr]
        await stage.hear(said(fact, story.ids.activity, story.ids.activity, activity=activity))
        assert (await stage.rows("SELECT provider_contact FROM activity"))[0]["provider_contact"] == story.ids.provider


async def test_what_a_person_reads_says_who_it_is_from_and_nothing_of_why(stage: Stage) -> None:
    story = Story()
    await stage.hear(*(record for stream in story.streams for record in stream))
    await stage.send()
    for text in stage.post.texts()["person"]:
        assert text.startswith("A message from Elm PCN\n")
        assert "Riverside" not in text
        assert "connection" not in text
    assert any("Jo Bell is your link worker." in text for text in stage.post.texts()["person"])


async def test_a_provider_never_reads_a_name_or_the_referrals_reference(stage: Stage) -> None:
    story = Story()
    await stage.hear(*(record for stream in story.streams for record in stream))
    await stage.send()
    asked, reminded = stage.post.texts()["provider"]
    for text in (asked, reminded):
        assert "M8T-2VW" in text
        assert not any(secret in text for secret in ("K7F-3QD", "Rosa Okafor", "Jo Bell", "Elm Surgery"))
    assert "overdue" in reminded


def test_notifications_handles_what_it_tells_of_and_no_more(stage: Stage) -> None:
    unheard: list[type[Fact]] = [
        place.PlaceAcknowledged,
        place.PlaceEnded,
        referral.ConsentGiven,
        referral.SessionCompleted,
    ]
    for fact in unheard:
        assert stage.table.read(Record(stream_of(fact).name, 0, 0, "k", example(fact))) is None
    assert stage.table.read(Record("network-events", 0, 0, "k", example(network.OrganisationListed))) is not None
