"""The rules of a case: contact, sessions, plan, well-being, closing."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from services.referral.domain import closing, contacts, outcomes, plan, sessions
from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.outcomes import Ons4, Ons4Item, Stage
from services.referral.domain.prescriptions import RequestState
from services.referral.domain.sessions import Session, SessionState

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
TODAY = NOW.date()


def test_a_message_is_left_only_where_that_is_safe_and_only_by_phone() -> None:
    phone, left = ContactMode.PHONE, ContactOutcome.LEFT_MESSAGE
    assert contacts.attempt(phone, left, NOW, NOW, voicemail_safe=True).outcome is left
    with pytest.raises(contacts.VoicemailUnsafe):
        contacts.attempt(phone, left, NOW, NOW, voicemail_safe=False)
    with pytest.raises(contacts.NotAVoicemail):
        contacts.attempt(ContactMode.LETTER, left, NOW, NOW, voicemail_safe=True)


def test_a_contact_is_not_recorded_before_it_happened() -> None:
    later = NOW + timedelta(minutes=1)
    with pytest.raises(contacts.ContactInFuture):
        contacts.attempt(ContactMode.PHONE, ContactOutcome.REACHED, later, NOW, voicemail_safe=True)


def hold(taken: tuple[Session, ...], happened: SessionState = SessionState.COMPLETED) -> tuple[Session, ...]:
    number = sessions.next_number(taken)
    new = sessions.record(taken, number, happened, NOW, ContactMode.FACE_TO_FACE, NOW)
    return sessions.with_session(taken, new)


def test_twelve_sessions_may_take_place_and_the_thirteenth_is_refused() -> None:
    taken: tuple[Session, ...] = ()
    for _ in range(12):
        taken = hold(taken)
    assert [each.held for each in taken] == list(range(1, 13))
    with pytest.raises(sessions.SessionLimitReached, match="12 sessions"):
        hold(taken)
    with pytest.raises(sessions.SessionLimitReached):
        sessions.book(taken, NOW + timedelta(days=1), ContactMode.PHONE, NOW)


def test_missed_and_cancelled_sessions_do_not_count() -> None:
    taken = hold(hold(hold(()), SessionState.MISSED), SessionState.CANCELLED)
    taken = hold(taken)
    assert [each.held for each in taken] == [1, None, None, 2]
    assert sessions.held_count(taken) == 2


def test_a_booked_session_is_the_next_to_be_recorded_and_only_one_stands() -> None:
    standing = sessions.book((), NOW + timedelta(days=7), ContactMode.PHONE, NOW)
    assert sessions.next_number((standing,)) == standing.number == 1
    with pytest.raises(sessions.SessionAlreadyBooked):
        sessions.book((standing,), NOW + timedelta(days=8), ContactMode.PHONE, NOW)
    recorded = hold((standing,))
    assert [(each.number, each.state) for each in recorded] == [(1, SessionState.COMPLETED)]


def test_a_session_is_recorded_once_under_a_number_that_exists_and_not_ahead_of_time() -> None:
    taken = hold(())
    arguments = (SessionState.COMPLETED, NOW, ContactMode.PHONE, NOW)
    with pytest.raises(sessions.SessionAlreadyRecorded):
        sessions.record(taken, 1, *arguments)
    with pytest.raises(sessions.NoSuchSession):
        sessions.record(taken, 5, *arguments)
    with pytest.raises(sessions.SessionInFuture):
        sessions.record(taken, 2, SessionState.MISSED, NOW + timedelta(hours=1), ContactMode.PHONE, NOW)
    with pytest.raises(sessions.NotAMeeting):
        sessions.record(taken, 2, SessionState.COMPLETED, NOW, ContactMode.LETTER, NOW)
    with pytest.raises(sessions.BookingInPast):
        sessions.book(taken, NOW, ContactMode.PHONE, NOW)


def agree(current: plan.Plan | None = None, **change: object) -> plan.Plan:
    given: dict[str, object] = {
        "goals": (plan.Goal("I want to sing with people again", (plan.PlanAction("Call the choir", "Jo"),)),),
        "what_matters": "My sister",
        "strengths": "A good voice",
        "agreed_on": TODAY,
        "today": TODAY,
    }
    return plan.agree(current, **(given | change))  # type: ignore[arg-type]


def test_each_agreed_plan_is_a_new_version_and_empty_rows_of_the_form_fall_away() -> None:
    first = agree()
    empty = plan.Goal("  ", (plan.PlanAction(" "),))
    second = agree(first, goals=(*first.goals, empty))
    assert (first.version, second.version) == (1, 2)
    assert second.goals == first.goals


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"goals": ()}, plan.NoGoal),
        ({"goals": (plan.Goal("a"),) * 11}, plan.TooManyGoals),
        ({"agreed_on": None}, plan.NotAgreed),
        ({"agreed_on": TODAY + timedelta(days=1)}, plan.AgreedInFuture),
        ({"goals": (plan.Goal("", (plan.PlanAction("Call"),)),)}, plan.ActionWithoutGoal),
        ({"goals": (plan.Goal("Sing", (plan.PlanAction("", "Jo"),)),)}, plan.ActionWithoutWords),
    ],
)
def test_a_plan_needs_a_goal_in_words_and_the_persons_agreement(
    change: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        agree(None, **change)


BANDS = {
    Ons4Item.SATISFIED: "low low low low low medium medium high high very-high very-high",
    Ons4Item.WORTHWHILE: "low low low low low medium medium high high very-high very-high",
    Ons4Item.HAPPY: "low low low low low medium medium high high very-high very-high",
    Ons4Item.ANXIOUS: "very-low very-low low low medium medium high high high high high",
}


@pytest.mark.parametrize("item", Ons4Item)
def test_the_44_published_bands(item: Ons4Item) -> None:
    found = [outcomes.band(item, value).value.replace(" ", "-") for value in range(11)]
    assert found == BANDS[item].split()


@pytest.mark.parametrize("wrong", [-1, 11])
def test_an_answer_outside_0_to_10_is_refused(wrong: int) -> None:
    with pytest.raises(outcomes.ScoreOutOfRange):
        Ons4(5, 5, 5, wrong)
    with pytest.raises(outcomes.ScoreOutOfRange):
        outcomes.band(Ons4Item.HAPPY, wrong)


def test_a_baseline_is_asked_once_but_one_that_was_skipped_may_still_be_asked() -> None:
    skipped = outcomes.record_outcome((), Stage.BASELINE, TODAY, None, "Too upset today", TODAY)
    asked = outcomes.record_outcome((skipped,), Stage.BASELINE, TODAY, Ons4(3, 4, 2, 8), "", TODAY)
    with pytest.raises(outcomes.BaselineAlreadyRecorded):
        outcomes.record_outcome((skipped, asked), Stage.BASELINE, TODAY, Ons4(3, 4, 2, 8), "", TODAY)
    for _ in pairwise(range(3)):
        assert outcomes.record_outcome((asked,), Stage.FOLLOW_UP, TODAY, Ons4(6, 6, 6, 2), "", TODAY)


def test_skipping_the_questions_needs_a_reason_and_a_day_that_has_come() -> None:
    with pytest.raises(outcomes.SkipNeedsReason):
        outcomes.record_outcome((), Stage.BASELINE, TODAY, None, " ", TODAY)
    with pytest.raises(outcomes.MeasuredInFuture):
        outcomes.record_outcome((), Stage.BASELINE, date(2026, 11, 21), Ons4(1, 1, 1, 1), "", TODAY)


def test_closing_takes_back_what_nobody_has_promised_and_leaves_a_promised_place() -> None:
    requests = {
        "M8T-2VW": RequestState.UNANSWERED,
        "K7F-3QD": RequestState.STARTED,
        "P4R-9KT": RequestState.DECLINED_BY_PROVIDER,
        "B2C-3DF": RequestState.ACCEPTED,
    }
    assert closing.taken_back(requests) == ("M8T-2VW",)
    assert closing.still_open(requests) == ("B2C-3DF", "K7F-3QD", "M8T-2VW")
