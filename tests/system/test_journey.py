"""The journey: a practice refers, a link worker works, a group answers, everyone hears, and it is counted."""

from uuid import uuid4

import pytest

from tests.system.journey import WORK, Journey, Network, Refused, referral_body
from tests.waiting import eventually


def _worked(network: Network) -> Journey:
    journey = Journey(network)
    journey.refer()
    journey.allocate()
    for step in WORK:
        journey.work(step)
    journey.search()
    journey.prescribe()
    return journey


def test_one_referral_goes_from_a_practice_to_the_report(network: Network) -> None:
    before = network_funnel(network)
    journey = _worked(network)
    assert journey.state() == "sent"
    journey.answer({"answer": "accept"})
    eventually(lambda: journey.state() == "accepted", "the link worker sees that there is a place")
    journey.attend()
    eventually(lambda: journey.state() == "started", "the link worker sees that the person came")
    stages = ("referred", "reached", "session", "prescribed", "accepted", "attended")
    wanted = {stage: before[stage] + 1 for stage in stages}
    eventually(lambda: network_funnel(network) == wanted, "the report counts it at every stage")


def network_funnel(network: Network) -> dict[str, int]:
    return Journey(network).funnel()


def test_everyone_hears_what_they_should(network: Network) -> None:
    journey = _worked(network)
    journey.answer({"answer": "accept"})
    journey.attend()
    wanted = {
        ("referral-created", "person"),
        ("referral-created", "referrer"),
        ("referral-allocated", "person"),
        ("referral-allocated", "referrer"),
        ("referral-allocated", "link-worker"),
        ("activity-prescribed", "provider"),
        ("place-accepted", "person"),
        ("place-accepted", "referrer"),
        ("place-accepted", "link-worker"),
        ("attendance-recorded", "referrer"),
    }

    def sent() -> bool:
        found = [(m["kind"], m["audience"]) for m in journey.messages() if m["state"] == "sent"]
        return set(found) == wanted and len(found) == len(wanted)

    eventually(sent, "each of the ten messages was sent once")


def test_nothing_is_sent_to_somebody_for_whom_it_is_unsafe(network: Network) -> None:
    contact = {"channels": ["call"], "notify_by": "email", "unsafe": True}
    journey = Journey(network, referral_body(contact=contact))
    journey.refer()

    def withheld() -> bool:
        return [m["state"] for m in journey.messages() if m["audience"] == "person"] == ["withheld"]

    eventually(withheld, "the person's message is withheld")


def test_the_provider_learns_neither_who_it_is_nor_which_referral(network: Network) -> None:
    journey = _worked(network)
    request = eventually(journey.on_desk, "the request is on the desk")
    text = str(request)
    person = journey.body["person"]
    for hidden in (journey.reference, journey.referral_id, person["family_name"], person["nhs_number"], "Rosa"):
        assert hidden not in text


def test_the_same_request_sent_twice_makes_one_referral(network: Network) -> None:
    journey, key = Journey(network), str(uuid4())
    first, second = journey.refer(key), journey.refer(key)
    assert first["id"] == second["id"]


def test_a_second_open_referral_of_one_person_is_not_made(network: Network) -> None:
    journey = Journey(network)
    first = journey.refer()
    with pytest.raises(Refused) as refused:
        journey.refer()
    assert refused.value.status == 409
    assert first["reference"] in str(refused.value.problem)


def test_a_self_referral_gets_the_same_answer_whether_the_person_is_known_or_not(network: Network) -> None:
    known = Journey(network)
    known.refer()
    own = {name: value for name, value in known.body.items() if name not in ("urgency", "agreement")}
    stranger = referral_body()
    new = {name: value for name, value in stranger.items() if name not in ("urgency", "agreement")}
    answers = [network.post(None, "/referral/api/self-referrals", body) for body in (own, new)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"answer": "waitlist"}, "waitlisted"),
        ({"answer": "decline", "reason": "no_capacity"}, "declined_by_provider"),
        ({"answer": "ask-person"}, "needs_person_action"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_answer_reaches_the_link_worker(network: Network, answer: dict[str, str], state: str) -> None:
    journey = _worked(network)
    journey.answer(answer)
    eventually(lambda: journey.state() == state, f"the request is {state}")


def test_nobody_acts_without_the_right(network: Network) -> None:
    provider = network.member("provider")
    for who, status in ((None, 401), (provider, 403)):
        with pytest.raises(Refused) as refused:
            network.call(who, "POST", "/referral/api/referrals", None, content=b"{not json")
        assert refused.value.status == status
