"""Who takes a case, and what may happen to a referral."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.allocation import Candidate, NoLinkWorker, best_match_first, chosen, least_loaded
from services.referral.domain.network import Membership, network_on
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import (
    Decline,
    NotInNetwork,
    NotOpen,
    NotWaiting,
    Referral,
    Route,
    Status,
    Urgency,
    allocated,
    declined,
    weight_of,
)

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
JO = Candidate("jo", "Jo Bell", "U00001", load=10, cases=8, limit=40, last_allocated_at=AT)


def a_referral() -> Referral:
    return Referral(
        id=uuid4(),
        reference="K7F-3QD",
        version=1,
        status=Status.RECEIVED,
        route=Route.PRACTICE,
        person_id=uuid4(),
        pcn="U00001",
        practice="F81001",
        urgency=Urgency.ROUTINE,
        reasons=(Reason.DEBT,),
        other_reason="",
        what_matters="",
        agreement=Agreement(Basis.PERSON),
        made_by="referrer",
        made_at=AT,
    )


def test_load_is_weighed_against_each_workers_own_limit() -> None:
    part_time = replace(JO, subject="al", load=8, limit=20)
    assert least_loaded([part_time, JO]) == JO


def test_equal_loads_go_to_the_fewest_cases_then_the_longest_without_one_then_by_id() -> None:
    fewer = replace(JO, subject="zo", cases=5)
    longer = replace(JO, subject="yo", last_allocated_at=AT - timedelta(days=1))
    never = replace(JO, subject="xo", last_allocated_at=None)
    assert least_loaded([JO, longer, fewer]) == fewer
    assert least_loaded([JO, longer]) == longer
    assert least_loaded([longer, never]) == never
    assert least_loaded([replace(JO, subject="k"), JO]) == JO


def test_a_network_without_a_link_worker_is_said_plainly() -> None:
    with pytest.raises(NoLinkWorker):
        least_loaded([])
    with pytest.raises(NoLinkWorker):
        chosen([JO], "somebody from elsewhere")


def test_the_best_match_has_room_then_knows_the_person_then_speaks_their_language() -> None:
    full = replace(JO, subject="full", load=40, knows=True)
    polish = replace(JO, subject="polish", languages=("Polish",), load=30)
    knows = replace(JO, subject="knows", knows=True, load=35)
    assert best_match_first([full, JO, polish, knows], "polish") == [knows, polish, JO, full]


def test_a_waiting_referral_is_accepted_and_allocated_in_one_step() -> None:
    taken = allocated(a_referral(), "jo", "U00001", AT)
    assert (taken.status, taken.link_worker, taken.owed_by) == (Status.ALLOCATED, "jo", "link worker")


def test_a_case_that_is_handed_over_stays_active() -> None:
    active = replace(a_referral(), status=Status.ACTIVE, link_worker="al")
    assert allocated(active, "jo", "U00001", AT).status is Status.ACTIVE


def test_the_borough_queue_takes_the_network_of_who_takes_the_case() -> None:
    assert allocated(replace(a_referral(), pcn=None), "jo", "U00002", AT).pcn == "U00002"


def test_nobody_from_another_network_takes_the_case() -> None:
    with pytest.raises(NotInNetwork):
        allocated(a_referral(), "jo", "U00002", AT)


def test_what_has_ended_is_not_allocated_and_what_was_decided_is_not_declined() -> None:
    over = declined(a_referral(), Decline.OUT_OF_AREA, "", AT)
    assert (over.status, over.owed_by, over.ended_at) == (Status.DECLINED, None, AT)
    with pytest.raises(NotOpen):
        allocated(over, "jo", "U00001", AT)
    with pytest.raises(NotWaiting):
        declined(allocated(a_referral(), "jo", "U00001", AT), Decline.OTHER, "", AT)


def test_urgency_and_interpreting_weigh_more() -> None:
    assert weight_of(Urgency.ROUTINE, interpreter=False) == 1
    assert weight_of(Urgency.URGENT, interpreter=True) == 3


def test_a_practice_belongs_to_the_network_of_the_day() -> None:
    today = AT.date()
    past = Membership("F81001", "U00001", None, today - timedelta(days=1))
    present = Membership("F81001", "U00002", today, None)
    assert network_on([past, present], today) == "U00002"
    assert network_on([past, present], today - timedelta(days=1)) == "U00001"
    assert network_on([], today) is None
