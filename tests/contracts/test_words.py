"""One thing has one word, whichever service says it: the services cannot share code, so a test holds them together."""

from services.directory.domain import capacity, needs, request
from services.notifications.domain import delivery
from services.notifications.domain import words as messages
from services.referral.domain import prescriptions, referral, room, sessions
from services.referral.pages import wording
from services.reporting.domain import measures
from shared.door.states import STATES
from shared.events import vocabulary

WITHHELD = vocabulary.ReasonGroup.WITHHELD


def test_a_reasons_group_is_called_the_same_on_a_case_a_desk_and_a_report() -> None:
    groups = sorted(vocabulary.ReasonGroup)
    for named in (wording.GROUPS, needs.GROUP_WORDS, measures.GROUPS, messages.NEEDS):
        assert sorted(str(group) for group in named) == groups
    for group in set(vocabulary.ReasonGroup) - {WITHHELD}:
        label = wording.GROUPS[group]
        assert (needs.GROUP_WORDS[needs.NeedGroup(group)], measures.GROUPS[measures.Group(group)]) == (label, label)
        assert messages.NEEDS[group] == label[0].lower() + label[1:]


def test_a_sensitive_group_is_named_to_the_link_worker_alone() -> None:
    assert needs.GROUP_WORDS[needs.NeedGroup(WITHHELD)] == "Not shown"
    assert measures.GROUPS[measures.Group(WITHHELD)] == "Not shown"
    assert messages.NEEDS[WITHHELD] == "not shown"


def test_what_became_of_a_request_is_called_in_a_report_as_on_a_case() -> None:
    kinds = {
        measures.AnswerKind.ACCEPTED: "accepted",
        measures.AnswerKind.WAITLISTED: "waitlisted",
        measures.AnswerKind.DECLINED: "declined_by_provider",
        measures.AnswerKind.ASKED_PERSON: "needs_person_action",
        measures.AnswerKind.OVERDUE: "unanswered",
    }
    for kind, state in kinds.items():
        assert measures.ANSWERS[kind] == STATES["request"][state].label


def test_room_is_called_the_same_in_a_message_a_search_and_on_a_desk() -> None:
    for status, label in capacity.LABELS.items():
        assert STATES["room"][status].label == label


def test_room_is_believed_as_long_on_a_case_as_in_the_directory() -> None:
    assert room.TOO_OLD == capacity.TOO_OLD
    assert room.UNKNOWN == capacity.CapacityStatus.UNKNOWN


def test_every_state_that_the_code_can_reach_has_its_label_and_colour() -> None:
    reached = {
        "request": {*prescriptions.RequestState, *request.RequestState},
        "referral": {status.replace("-", "_") for status in referral.Status},
        "session": {*sessions.SessionState, "not_recorded"},
        "message": set(delivery.State),
        "room": set(capacity.CapacityStatus),
    }
    for thing, states in reached.items():
        assert {str(each) for each in states} <= set(STATES[thing]), thing


def test_a_desk_knows_no_state_of_a_request_that_a_case_does_not() -> None:
    assert set(request.RequestState) <= set(prescriptions.RequestState)
