"""A request for a place: silence is never a no, a late answer is an answer, and nothing is said twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.directory.domain.answers import (
    Accept,
    Acknowledged,
    Answer,
    AskPerson,
    Attended,
    Decline,
    Overdue,
    Waitlist,
    acknowledge,
    answer,
    attend,
    fall_due,
    withdraw,
)
from services.directory.domain.request import (
    AlreadyAnswered,
    Attendance,
    BeforeTheRequest,
    DateAhead,
    DatePassed,
    DeclineReason,
    NoPlaceGiven,
    RequestState,
    RequestTakenBack,
)
from tests.services.directory.samples import NOW, request

TODAY = date(2026, 11, 20)
ANSWERS = [
    (Accept(date(2026, 11, 24)), RequestState.ACCEPTED),
    (Waitlist(date(2027, 1, 5)), RequestState.WAITLISTED),
    (Decline(DeclineReason.NO_CAPACITY), RequestState.DECLINED),
    (AskPerson(), RequestState.NEEDS_PERSON),
]


def test_a_request_that_is_seen_says_so_once() -> None:
    seen, said = acknowledge(request(), NOW)
    assert (seen.state, seen.seen_at, said) == (RequestState.ACKNOWLEDGED, NOW, [Acknowledged()])
    assert acknowledge(seen, NOW + timedelta(hours=1)) == (seen, [])


@pytest.mark.parametrize(("given", "state"), ANSWERS)
def test_an_answer_is_told_and_whoever_answers_has_seen_the_request(given: Answer, state: RequestState) -> None:
    answered, said = answer(request(), given, NOW)
    assert (answered.state, answered.answered_at, answered.seen_at) == (state, NOW, NOW)
    assert said == [Acknowledged(), given]


def test_an_answer_keeps_its_date_or_reason_and_no_other() -> None:
    waiting, _ = answer(request(), Waitlist(date(2027, 1, 5)), NOW)
    accepted, said = answer(waiting, Accept(date(2026, 12, 1)), NOW + timedelta(days=3))
    assert (accepted.first_date, accepted.expected, accepted.reason) == (date(2026, 12, 1), None, None)
    assert said == [Accept(date(2026, 12, 1))]


@pytest.mark.parametrize("state", [RequestState.WAITLISTED, RequestState.NEEDS_PERSON])
def test_a_waiting_request_can_still_be_answered(state: RequestState) -> None:
    answered, _ = answer(request(state=state, seen_at=NOW), Decline(DeclineReason.SERVICE_ENDED), NOW)
    assert (answered.state, answered.reason) == (RequestState.DECLINED, DeclineReason.SERVICE_ENDED)


@pytest.mark.parametrize("state", [RequestState.ACCEPTED, RequestState.STARTED, RequestState.DECLINED])
def test_a_final_answer_is_not_changed_by_a_second_one(state: RequestState) -> None:
    with pytest.raises(AlreadyAnswered):
        answer(request(state=state), Accept(), NOW)


@pytest.mark.parametrize("given", [Accept(date(2026, 11, 19)), Waitlist(date(2026, 11, 19))])
def test_a_place_is_not_offered_for_a_day_that_has_passed(given: Answer) -> None:
    with pytest.raises(DatePassed):
        answer(request(), given, NOW)


def test_silence_past_the_due_time_is_a_mark_and_not_a_state() -> None:
    due = request().answer_by
    late, said = fall_due(request(), due)
    assert (late.state, late.overdue_since, late.shown_state) == (RequestState.SENT, due, "unanswered")
    assert said == [Overdue(due)]
    assert fall_due(late, due + timedelta(days=1)) == (late, [])


def test_the_due_time_passes_quietly_over_a_request_that_was_answered() -> None:
    answered, _ = answer(request(), AskPerson(), NOW)
    assert fall_due(answered, answered.answer_by) == (answered, [])


def test_a_request_is_not_overdue_before_its_time() -> None:
    assert fall_due(request(), request().answer_by - timedelta(seconds=1)) == (request(), [])


def test_a_late_answer_is_as_good_as_any_and_the_silence_stays_on_record() -> None:
    late, _ = fall_due(request(), request().answer_by)
    accepted, said = answer(late, Accept(), late.answer_by + timedelta(days=9))
    assert (accepted.state, accepted.shown_state) == (RequestState.ACCEPTED, "accepted")
    assert (accepted.overdue_since, said[-1]) == (late.answer_by, Accept())


def test_attendance_starts_what_was_accepted() -> None:
    accepted = request(state=RequestState.ACCEPTED)
    came = Attendance(TODAY, attended=True)
    started, said = attend(accepted, came, NOW)
    assert (started.state, started.attendances, said) == (RequestState.STARTED, (came,), [Attended(came)])
    assert attend(started, came, NOW) == (started, [])


def test_a_person_who_did_not_come_has_not_started() -> None:
    missed, said = attend(request(state=RequestState.ACCEPTED), Attendance(TODAY, attended=False), NOW)
    assert (missed.state, len(said)) == (RequestState.ACCEPTED, 1)


def test_attendance_recorded_by_mistake_is_corrected_by_the_other_answer_for_that_day() -> None:
    came, _ = attend(request(state=RequestState.ACCEPTED), Attendance(TODAY, attended=True), NOW)
    not_come = Attendance(TODAY, attended=False)
    corrected, said = attend(came, not_come, NOW)
    assert (corrected.state, corrected.attendances, said) == (RequestState.ACCEPTED, (not_come,), [Attended(not_come)])


@pytest.mark.parametrize("state", [RequestState.SENT, RequestState.WAITLISTED, RequestState.DECLINED])
def test_nobody_attends_without_a_place(state: RequestState) -> None:
    with pytest.raises(NoPlaceGiven):
        attend(request(state=state), Attendance(TODAY, attended=True), NOW)


def test_attendance_lies_between_the_request_and_today() -> None:
    accepted = request(state=RequestState.ACCEPTED)
    with pytest.raises(DateAhead):
        attend(accepted, Attendance(TODAY + timedelta(days=1), attended=True), NOW)
    with pytest.raises(BeforeTheRequest):
        attend(accepted, Attendance(TODAY - timedelta(days=3), attended=True), NOW)


@pytest.mark.parametrize("taken_back", [RequestState.NOT_WANTED, RequestState.IN_ERROR])
def test_nothing_is_owed_on_a_request_that_was_taken_back(taken_back: RequestState) -> None:
    gone, said = withdraw(request(), taken_back)
    assert (gone, said) == (replace(request(), state=taken_back), [])
    assert fall_due(gone, gone.answer_by) == (gone, [])
    assert withdraw(gone, RequestState.IN_ERROR) == (gone, [])
    with pytest.raises(RequestTakenBack):
        answer(gone, Accept(), NOW)
    with pytest.raises(RequestTakenBack):
        acknowledge(gone, NOW)
