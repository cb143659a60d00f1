"""What is owed, and the one next step, from small facts: nothing may wait in silence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.referral.domain.next_step import Step, Way, next_step
from services.referral.domain.owed import CaseFacts, Owed, OwedKind, Raised, RequestFacts, When, owed, waiting
from services.referral.domain.prescriptions import RequestState

MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
NOW = MONDAY + timedelta(days=4)


def days(start: date, count: int) -> date:
    """Weekdays alone: holidays are the clock's own business."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


FRESH = CaseFacts(
    allocated_at=MONDAY,
    reached_at=None,
    attempts=0,
    last_attempt_at=None,
    booked_at=None,
    booked_number=None,
    last_act_at=MONDAY,
    onward_at=None,
)
REACHED = replace(FRESH, reached_at=MONDAY, attempts=1, last_attempt_at=MONDAY)


def request(state: RequestState, **changes: Any) -> RequestFacts:
    given = RequestFacts("M8T-2VW", "Riverside Singers", state, MONDAY, NOW, MONDAY)
    return replace(given, **changes)


def found(case: CaseFacts, now: datetime = NOW) -> list[tuple[OwedKind, date]]:
    return [(each.kind, each.due) for each in owed(case, now, days)]


def test_the_first_call_is_due_two_working_days_after_allocation() -> None:
    assert found(FRESH) == [(OwedKind.CONTACT, date(2026, 11, 18))]


def test_a_call_without_an_answer_is_owed_again_two_working_days_later() -> None:
    tried = replace(FRESH, attempts=2, last_attempt_at=NOW)
    assert found(tried) == [(OwedKind.CONTACT, date(2026, 11, 24))]
    assert owed(tried, NOW, days)[0].count == 3


def test_a_booked_session_that_has_passed_is_to_be_recorded() -> None:
    passed = replace(REACHED, booked_at=NOW - timedelta(days=1), booked_number=2)
    assert found(passed) == [(OwedKind.SESSION_NOT_RECORDED, date(2026, 11, 19))]
    assert found(replace(passed, booked_at=NOW + timedelta(hours=1))) == []


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (RequestState.UNANSWERED, OwedKind.NO_ANSWER),
        (RequestState.DECLINED_BY_PROVIDER, OwedKind.ANOTHER_NEEDED),
        (RequestState.NOT_HELPED, OwedKind.ANOTHER_NEEDED),
        (RequestState.COULD_NOT_CONTACT, OwedKind.ANOTHER_NEEDED),
        (RequestState.NEEDS_PERSON_ACTION, OwedKind.PERSON_ACTION),
    ],
)
def test_a_request_that_stands_with_the_link_worker_is_owed(state: RequestState, kind: OwedKind) -> None:
    assert [each for each, _ in found(replace(REACHED, requests=(request(state),)))] == [kind]


def test_a_declined_request_is_answered_by_asking_another_or_noting_the_need() -> None:
    declined = (request(RequestState.DECLINED_BY_PROVIDER),)
    after = replace(
        REACHED, requests=declined, onward_at=MONDAY + timedelta(hours=1), booked_at=NOW + timedelta(days=1)
    )
    assert found(after) == []
    assert found(replace(after, onward_at=MONDAY - timedelta(hours=1))) != []


def test_requests_still_in_time_wait_on_others_and_are_not_owed() -> None:
    asked = tuple(request(state) for state in RequestState)
    in_time = {each.state.value for each in waiting(replace(REACHED, requests=asked))}
    assert in_time == {"sent", "acknowledged", "accepted", "waitlisted"}
    assert found(replace(REACHED, requests=(request(RequestState.SENT),))) == []


def test_notes_and_messages_are_owed_until_looked_at() -> None:
    raised = Raised("1", "may-be", MONDAY)
    lost = tuple(replace(raised, id=id_, about="failed person") for id_ in "23")
    case = replace(REACHED, same_person=(raised,), messages=lost)
    counted = {(each.kind, each.count) for each in owed(case, NOW, days)}
    assert counted == {(OwedKind.SAME_PERSON, 1), (OwedKind.MESSAGE, 2)}


def test_a_quiet_case_is_owed_a_next_step_so_that_none_is_forgotten() -> None:
    assert found(REACHED) == [(OwedKind.NEXT_STEP, date(2026, 11, 30))]


def test_silence_is_looked_at_on_the_day_it_is_known() -> None:
    tomorrow = NOW.date() + timedelta(days=1)
    assert Owed(OwedKind.NO_ANSWER, tomorrow).when(NOW.date()) is When.TODAY
    assert Owed(OwedKind.NO_ANSWER, NOW.date() - timedelta(days=1)).when(NOW.date()) is When.OVERDUE


def test_what_is_due_before_today_is_overdue() -> None:
    today = date(2026, 11, 20)
    whens = [Owed(OwedKind.CONTACT, today + timedelta(days=each)).when(today) for each in (-1, 0, 1)]
    assert whens == [When.OVERDUE, When.TODAY, When.LATER]


WAY = Way(carried=True, reached=True, sessions_held=1, plan=True, baseline=True, onward=True)


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"carried": False}, Step.NOTHING),
        ({"reached": False, "sessions_held": 0}, Step.CALL),
        ({"sessions_held": 0}, Step.SESSION),
        ({"plan": False}, Step.PLAN),
        ({"baseline": False}, Step.BASELINE),
        ({"onward": False}, Step.PRESCRIBE),
        ({}, Step.SESSION),
    ],
)
def test_the_next_step_is_the_next_stretch_of_the_way(change: dict[str, Any], step: Step) -> None:
    assert next_step(replace(WAY, **change), ()) == (step, None)


def test_what_is_owed_comes_before_the_next_stretch() -> None:
    silent = Owed(OwedKind.NO_ANSWER, NOW.date())
    assert next_step(replace(WAY, plan=False), (silent,)) == (Step.REQUESTS, silent)
    quiet = Owed(OwedKind.NEXT_STEP, NOW.date())
    assert next_step(replace(WAY, plan=False), (quiet,)) == (Step.PLAN, None)
