"""The rules of telling people, without any store: who is told what, by which way, and what becomes of a message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from services.notifications.domain.contact import Channel, Contact, ContactAt, NotifyBy, Withheld, way_to_reach
from services.notifications.domain.delivery import (
    WAITS,
    Delivery,
    Failure,
    NotPossible,
    State,
    Waiting,
    lose_track,
    posted,
    put_off,
    send_again,
    sent,
    start_sending,
    to_print,
)
from services.notifications.domain.email import email_text
from services.notifications.domain.preparing import (
    About,
    Activity,
    Known,
    Missing,
    Nobody,
    Ready,
    Referral,
    Request,
    prepare,
)
from services.notifications.domain.telling import WHO_IS_TOLD, Audience, Occasion, who_is_told
from services.notifications.domain.words import NEEDS, WORDING, Matter, words_for

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PERSON, REFERRER, WORKER, PROVIDER = (ContactAt(uuid4(), 1) for _ in range(4))
REFERRAL = Referral(uuid4(), "K7F-3QD", "U00001", PERSON, REFERRER, WORKER, True)
ACTIVITY = Activity(uuid4(), "Riverside Singers", PROVIDER)
REQUEST = Request(uuid4(), "M8T-2VW", ACTIVITY.activity_id, "social-connection", NOW + timedelta(days=7))
MATTER = Matter("K7F-3QD", "M8T-2VW", "withheld", "Sober Choir", NOW, "Jo Bell", "Elm PCN", "https://kith.example")


def someone(at: ContactAt, **changes: object) -> Contact:
    details: dict[str, object] = {"full_name": "Jo Bell", "email": "x@kith.example", "notify_by": NotifyBy.EMAIL}
    return Contact(at.contact_id, at.version, **(details | changes))  # type: ignore[arg-type]


def everything(**changes: object) -> Known:
    contacts: dict[UUID, Contact] = {c.contact_id: someone(c) for c in (PERSON, REFERRER, WORKER, PROVIDER)}
    known: dict[str, object] = {
        "referral": REFERRAL,
        "request": REQUEST,
        "activity": ACTIVITY,
        "contacts": contacts,
        "team": "Elm PCN",
    }
    return Known(**(known | changes))  # type: ignore[arg-type]


def about(occasion: Occasion, audience: Audience) -> About:
    return About(occasion, audience, REFERRAL.referral_id, REQUEST.request_id, ACTIVITY.activity_id)


def test_every_message_that_somebody_gets_has_words_and_no_words_lie_unused() -> None:
    said = {(occasion, audience) for occasion, told in WHO_IS_TOLD.items() for audience in told}
    assert said == set(WORDING)
    assert set(WHO_IS_TOLD) == set(Occasion)


def test_an_accepted_place_is_told_to_the_person_the_referrer_and_the_link_worker() -> None:
    assert who_is_told(Occasion.PLACE_ACCEPTED) == (Audience.PERSON, Audience.REFERRER, Audience.LINK_WORKER)


def test_silence_is_told_to_the_link_worker_and_reminds_the_provider() -> None:
    assert who_is_told(Occasion.REPLY_OVERDUE) == (Audience.LINK_WORKER, Audience.PROVIDER)


def test_a_day_the_person_did_not_come_is_told_to_nobody() -> None:
    assert who_is_told(Occasion.ATTENDANCE_RECORDED, attended=False) == ()


@pytest.mark.parametrize("key", WORDING, ids=lambda key: "-".join(key))
def test_no_message_says_a_sensitive_need_or_a_group_that_gives_it_away(key: tuple[Occasion, Audience]) -> None:
    words = words_for(*key, MATTER)
    text = f"{words.subject} {email_text(words, key[1], MATTER, 'Rosa')}".lower()
    if key[1] is not Audience.PROVIDER:
        assert "sober choir" not in text
    assert "alcohol" not in text


@pytest.mark.parametrize("occasion", [Occasion.ACTIVITY_PRESCRIBED, Occasion.REPLY_OVERDUE])
def test_a_provider_reads_the_facts_of_the_request_and_nothing_that_leads_to_the_person(occasion: Occasion) -> None:
    ready = prepare(about(occasion, Audience.PROVIDER), everything())
    assert isinstance(ready, Ready)
    text = f"{ready.words.subject}\n{email_text(ready.words, Audience.PROVIDER, ready.matter, 'Riverside')}"
    assert "M8T-2VW" in ready.words.subject
    assert "Need: company and connection" in text
    assert "Answer by: Friday 27 November 2026" in text
    assert "K7F-3QD" not in text
    assert "Jo Bell" not in text


@pytest.mark.parametrize("occasion", [o for o, told in WHO_IS_TOLD.items() if Audience.PERSON in told])
def test_a_message_to_a_person_names_no_need_no_group_and_no_address_to_click(occasion: Occasion) -> None:
    matter = Matter("K7F-3QD", "M8T-2VW", "wellbeing", "Riverside Singers", NOW, "Jo Bell", "Elm PCN", "https://k")
    words = words_for(occasion, Audience.PERSON, matter)
    text = email_text(words, Audience.PERSON, matter, "Rosa")
    assert words.subject == "A message from Elm PCN"
    assert not any(need in text for need in NEEDS.values())
    assert "Riverside" not in text
    assert "https://" not in text
    assert text.startswith("Hello Rosa,")


def test_the_person_is_told_who_their_link_worker_is() -> None:
    ready = prepare(about(Occasion.REFERRAL_ALLOCATED, Audience.PERSON), everything())
    assert isinstance(ready, Ready)
    assert "Jo Bell is your link worker." in ready.words.says


def test_the_answer_by_day_is_londons() -> None:
    late = Matter(request="M8T-2VW", answer_by=datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC))
    subject = words_for(Occasion.ACTIVITY_PRESCRIBED, Audience.PROVIDER, late).subject
    assert subject == "Request M8T-2VW: please answer by Tuesday 30 June 2026"


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        ({}, Channel.EMAIL),
        ({"unsafe": True}, Withheld.UNSAFE),
        ({"notify_by": NotifyBy.NONE}, Withheld.ASKED_FOR_NONE),
        ({"notify_by": NotifyBy.LETTER}, Withheld.NO_USABLE_WAY),
        ({"notify_by": NotifyBy.LETTER, "address_lines": ("1 Elm Street",)}, Channel.LETTER),
        ({"notify_by": NotifyBy.LETTER, "address_lines": ("1 Elm Street",), "unsafe": True}, Withheld.UNSAFE),
        ({"email": ""}, Withheld.NO_USABLE_WAY),
        ({"email": "", "address_lines": ("1 Elm Street",)}, Withheld.NO_USABLE_WAY),
        ({"erased": True}, Withheld.ERASED),
    ],
)
def test_the_way_is_the_chosen_one_or_none(changes: dict[str, object], way: Channel | Withheld) -> None:
    assert way_to_reach(someone(PERSON, **changes)) == way


def test_a_message_waits_for_the_contact_version_its_event_names() -> None:
    newer = Referral(REFERRAL.referral_id, "K7F-3QD", "U00001", ContactAt(PERSON.contact_id, 2))
    asked = About(Occasion.REFERRAL_CREATED, Audience.PERSON, REFERRAL.referral_id)
    assert prepare(asked, everything(referral=newer)) == Missing(Waiting.CONTACT, PERSON.contact_id)
    later = {PERSON.contact_id: someone(ContactAt(PERSON.contact_id, 3))}
    assert isinstance(prepare(asked, everything(referral=newer, contacts=later)), Ready)


@pytest.mark.parametrize(
    ("lacking", "waiting"),
    [("referral", Waiting.REFERRAL), ("request", Waiting.REQUEST), ("activity", Waiting.LISTING)],
)
def test_a_message_waits_for_whatever_has_not_arrived(lacking: str, waiting: Waiting) -> None:
    missing = prepare(about(Occasion.PLACE_ACCEPTED, Audience.LINK_WORKER), everything(**{lacking: None}))
    assert isinstance(missing, Missing)
    assert missing.what == waiting


@pytest.mark.parametrize("occasion", [o for o, told in WHO_IS_TOLD.items() if Audience.REFERRER in told])
def test_a_referrer_learns_how_the_support_goes_only_where_the_person_agreed(occasion: Occasion) -> None:
    of_the_support = occasion in (Occasion.PLACE_ACCEPTED, Occasion.ATTENDANCE_RECORDED)
    known = everything(referral=replace(REFERRAL, referrer_follows=False))
    asked = about(occasion, Audience.REFERRER) if of_the_support else referral_alone(occasion)
    assert isinstance(prepare(asked, known), Nobody if of_the_support else Ready)
    assert isinstance(prepare(asked, everything()), Ready)


def referral_alone(occasion: Occasion) -> About:
    return About(occasion, Audience.REFERRER, REFERRAL.referral_id)


def test_a_person_who_referred_themself_has_no_referrer_to_tell() -> None:
    alone = Referral(REFERRAL.referral_id, "K7F-3QD", "U00001", PERSON)
    told = prepare(
        About(Occasion.REFERRAL_CREATED, Audience.REFERRER, REFERRAL.referral_id), everything(referral=alone)
    )
    assert isinstance(told, Nobody)


def test_a_provider_without_an_address_has_its_message_withheld() -> None:
    silent = Activity(ACTIVITY.activity_id, "Riverside Singers")
    told = prepare(about(Occasion.ACTIVITY_PRESCRIBED, Audience.PROVIDER), everything(activity=silent))
    assert told is Withheld.NO_USABLE_WAY


def test_tries_wait_longer_each_time_and_come_to_an_end() -> None:
    delivery, dues = Delivery(), []
    while delivery.state is State.QUEUED:
        delivery = put_off(start_sending(delivery), NOW)
        dues.append(delivery.due)
    assert dues == [*(NOW + wait for wait in WAITS), None]
    assert (delivery.state, delivery.reason) == (State.FAILED, Failure.TRIES_USED_UP)


def test_only_a_failed_or_lost_message_can_be_sent_again() -> None:
    lost = lose_track(start_sending(Delivery()), NOW)
    assert send_again(lost) == Delivery()
    for other in (Delivery(), start_sending(Delivery()), sent(start_sending(Delivery()), NOW), to_print(Delivery())):
        with pytest.raises(NotPossible):
            send_again(other)


def test_only_a_letter_that_waits_for_the_printer_can_be_posted() -> None:
    assert posted(to_print(Delivery()), NOW).state is State.POSTED
    for state, channel in product(State, Channel):
        if state is not State.TO_PRINT:
            with pytest.raises(NotPossible):
                posted(Delivery(state, channel), NOW)
