"""A request for a place: its state is what was heard, whatever the order it was heard in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.domain.prescriptions import (
    AWAITING,
    NEEDS_ANOTHER,
    OWES,
    SETTLED,
    Absence,
    ActivityWithdrawn,
    AlreadyAsked,
    AlreadySettled,
    AnswerByPassed,
    ConsentNeeded,
    Heard,
    News,
    Party,
    Request,
    RequestState,
    WithdrawalReason,
    check_ask,
    hear,
    standing,
    withdraw,
)

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def after(days: int) -> datetime:
    return START + timedelta(days=days)


def told(*news: tuple[News, int]) -> RequestState:
    request = Request()
    for name, day in news:
        request = hear(request, Heard(name, after(day)))
    return request.state


def test_a_request_begins_as_sent_and_the_provider_owes_the_answer() -> None:
    assert (Request().state, Request().owes) == (RequestState.SENT, Party.PROVIDER)


@pytest.mark.parametrize(
    ("news", "state"),
    [
        ([(News.ACKNOWLEDGED, 1)], "acknowledged"),
        ([(News.ACKNOWLEDGED, 1), (News.ACCEPTED, 2)], "accepted"),
        ([(News.OVERDUE, 5), (News.ACCEPTED, 6)], "accepted"),
        ([(News.ACCEPTED, 4), (News.OVERDUE, 5)], "accepted"),
        ([(News.DECLINED, 4), (News.OVERDUE, 5)], "declined_by_provider"),
        ([(News.OVERDUE, 5), (News.ACKNOWLEDGED, 6)], "unanswered"),
        ([(News.WAITLISTED, 2), (News.ACCEPTED, 9)], "accepted"),
        ([(News.ACCEPTED, 9), (News.WAITLISTED, 2)], "accepted"),
        ([(News.NEEDS_PERSON_ACTION, 2), (News.ACCEPTED, 3), (News.ATTENDED, 8)], "started"),
        ([(News.ATTENDED, 8), (News.ACCEPTED, 3)], "started"),
        ([(News.ATTENDED, 8), (News.NOT_HELPED, 30)], "not_helped"),
        ([(News.NOT_WANTED, 3), (News.ACCEPTED, 4)], "declined_by_person"),
        ([(News.ACCEPTED, 4), (News.IN_ERROR, 5)], "entered_in_error"),
    ],
)
def test_news_leads_to_a_state(news: list[tuple[News, int]], state: str) -> None:
    assert told(*news) == state


def test_silence_is_a_state_of_its_own_and_never_a_decline() -> None:
    silent = hear(Request(), Heard(News.OVERDUE, after(5)))
    assert silent.state is RequestState.UNANSWERED
    assert silent.owes is Party.PROVIDER
    assert not silent.settled


def test_an_attendance_that_is_taken_back_is_no_start() -> None:
    day = date(2026, 11, 9)
    came = Heard(News.ATTENDED, after(7), first_date=day)
    heard = [Heard(News.ACCEPTED, after(2)), came]
    assert standing(heard, [Absence(day, after(8))]).state is RequestState.ACCEPTED
    assert standing(heard, [Absence(day, after(6))]).state is RequestState.STARTED
    assert standing(heard, [Absence(date(2026, 11, 16), after(14))]).state is RequestState.STARTED
    again = Heard(News.ATTENDED, after(9), first_date=day)
    assert standing([*heard, again], [Absence(day, after(8))]).state is RequestState.STARTED


heard = st.builds(
    Heard,
    news=st.sampled_from(News),
    at=st.integers(0, 40).map(after),
    first_date=st.none() | st.just(date(2026, 12, 1)),
    reason=st.sampled_from(["", "no_capacity", "other"]),
)


@given(st.lists(heard, max_size=8).flatmap(lambda news: st.tuples(st.just(news), st.permutations(news))))
def test_the_state_does_not_depend_on_the_order_of_arrival(orders: tuple[list[Heard], list[Heard]]) -> None:
    one, other = Request(), Request()
    for each in orders[0]:
        one = hear(one, each)
    for each in orders[1]:
        other = hear(other, each)
    assert one == other


@given(st.lists(heard, max_size=8), st.data())
def test_news_heard_again_changes_nothing(news: list[Heard], data: st.DataObject) -> None:
    request = Request()
    for each in news:
        request = hear(request, each)
    again = data.draw(st.sampled_from(news)) if news else Heard(News.ACKNOWLEDGED, START)
    once = hear(request, again)
    assert once == hear(once, again)
    assert not news or once == request


@given(st.lists(heard, max_size=8))
def test_only_a_provider_who_said_so_has_declined(news: list[Heard]) -> None:
    request = Request()
    for each in news:
        request = hear(request, each)
    if request.state is RequestState.DECLINED_BY_PROVIDER:
        assert any(each.news is News.DECLINED for each in news)


def test_every_state_has_one_party_who_owes_the_next_move() -> None:
    assert set(OWES) == set(RequestState)
    assert {OWES[state] for state in AWAITING} <= {Party.PROVIDER, Party.LINK_WORKER}
    assert {OWES[state] for state in NEEDS_ANOTHER} == {Party.LINK_WORKER}
    assert not AWAITING & SETTLED


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (WithdrawalReason.DECLINED_BY_PERSON, RequestState.DECLINED_BY_PERSON),
        (WithdrawalReason.CASE_CLOSED, RequestState.DECLINED_BY_PERSON),
        (WithdrawalReason.ENTERED_IN_ERROR, RequestState.ENTERED_IN_ERROR),
    ],
)
def test_a_request_may_be_taken_back_until_it_has_ended(reason: WithdrawalReason, state: RequestState) -> None:
    back = withdraw(hear(Request(), Heard(News.WAITLISTED, after(1))), reason, after(2))
    assert back.state is state
    with pytest.raises(AlreadySettled):
        withdraw(back, reason, after(3))


def test_a_place_is_asked_for_with_the_persons_agreement_once_while_it_is_offered_and_with_time_to_answer() -> None:
    def ask(**change: object) -> None:
        given = {"listed": True, "asked_already": False, "agreed": True, "answer_by": after(5), "now": START}
        check_ask("Platform Club", **(given | change))  # type: ignore[arg-type]

    ask()
    for change, error in (
        ({"listed": False}, ActivityWithdrawn),
        ({"asked_already": True}, AlreadyAsked),
        ({"agreed": False}, ConsentNeeded),
        ({"answer_by": START}, AnswerByPassed),
    ):
        with pytest.raises(error):
            ask(**change)
