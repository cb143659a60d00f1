"""The checker finds what it is there to find, in a history with one thing planted in it."""

from dataclasses import replace

import pytest

from tests.faults.checker import (
    Effect,
    Fault,
    Finding,
    Said,
    compare,
    compare_answers,
    compare_numbers,
    compare_order,
    heard_once,
)

PROMISED = [Effect("referral.session", f"session {number}") for number in range(1, 4)]
LOG = [
    Said("referral-events", "K7F", "K7F", number, f"id-{number}", what)
    for number, what in enumerate(["referral-created", "referral-allocated", "contact-attempted"], start=1)
]
ORDER = {("referral-events", "K7F"): [said.what for said in LOG]}


def test_a_history_without_a_fault_has_no_findings() -> None:
    assert compare(PROMISED, reversed(PROMISED)) == []
    assert compare_numbers(LOG) == []
    assert compare_order(ORDER, LOG) == []
    assert compare_answers({"key": "yes"}, {"key": "yes"}) == []


def test_a_planted_loss_is_found() -> None:
    assert compare(PROMISED, PROMISED[1:]) == [Finding(Fault.LOST, "referral.session", "session 1")]


def test_a_planted_double_is_found() -> None:
    assert compare(PROMISED, [*PROMISED, PROMISED[1]]) == [Finding(Fault.DOUBLED, "referral.session", "session 2")]


def test_an_effect_that_nobody_asked_for_is_found() -> None:
    stray = Effect("mailbox", "a message")
    assert compare(PROMISED, [*PROMISED, stray]) == [Finding(Fault.UNASKED, "mailbox", "a message")]


def test_what_nobody_can_know_may_be_there_or_not_but_not_twice() -> None:
    unsure = Effect("mailbox", "a message")
    assert compare([], [], [unsure]) == []
    assert compare([], [unsure], [unsure]) == []
    assert compare([], [unsure, unsure], [unsure]) == [Finding(Fault.DOUBLED, "mailbox", "a message")]


def test_a_loss_and_a_double_of_the_same_kind_do_not_cancel_out() -> None:
    found = compare(PROMISED, [PROMISED[0], PROMISED[0], PROMISED[2]])
    assert [finding.fault for finding in found] == [Fault.DOUBLED, Fault.LOST]


def test_a_repeated_stretch_of_a_log_is_heard_once() -> None:
    repeated = [*LOG[:2], *LOG]
    assert heard_once(repeated) == LOG
    assert compare_numbers(repeated) == []
    assert compare_order(ORDER, repeated) == []


@pytest.mark.parametrize("missing", [0, 1])
def test_a_planted_gap_in_a_log_is_found(missing: int) -> None:
    log = [said for place, said in enumerate(LOG) if place != missing]
    assert compare_numbers(log) == [Finding(Fault.LOST, "referral-events", f"K7F #{missing + 1}")]
    assert compare_order(ORDER, log) == []


def test_a_planted_swap_is_found_by_number_and_by_order() -> None:
    log = [LOG[0], LOG[2], LOG[1]]
    assert compare_numbers(log) == [Finding(Fault.REORDERED, "referral-events", "K7F #2")]
    assert compare_order(ORDER, log) == [Finding(Fault.REORDERED, "referral-events", "K7F contact-attempted")]


def test_two_events_under_one_number_are_found() -> None:
    log = [*LOG, replace(LOG[2], id="another")]
    assert compare_numbers(log) == [Finding(Fault.DOUBLED, "referral-events", "K7F #3")]


def test_each_subject_counts_for_itself() -> None:
    other = [replace(said, subject="M8T", id=f"{said.id}-other") for said in LOG]
    mixed = [said for pair in zip(LOG, other, strict=True) for said in pair]
    assert compare_numbers(mixed) == []


def test_another_answer_the_second_time_is_found() -> None:
    assert compare_answers({"key": "yes"}, {"key": "no"}) == [Finding(Fault.CHANGED, "answer", "key")]
    assert compare_answers({}, {"key": "no"}) == [Finding(Fault.CHANGED, "answer", "key")]
