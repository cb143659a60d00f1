"""What must be said before a referral is made."""

from datetime import date

import pytest

from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.intake import Incomplete, Request, check
from services.referral.domain.person import Channel, ContactRules, NotifyBy, tidy_postcode
from services.referral.domain.reasons import Reason, ReasonGroup, reason_of
from tests.services.referral.domain.people import a_person, a_request

TODAY = date(2026, 11, 20)


def refused(request: Request) -> set[str]:
    with pytest.raises(Incomplete) as error:
        check(request, TODAY)
    return set(error.value.problems)


def test_a_whole_request_is_taken() -> None:
    check(a_request(), TODAY)


def test_a_person_without_an_nhs_number_is_taken() -> None:
    check(a_request(a_person(nhs_number=None)), TODAY)


def test_a_given_nhs_number_must_be_one() -> None:
    assert refused(a_request(a_person(nhs_number="9990000019"))) == {"nhs_number"}
    assert refused(a_request(a_person(nhs_number="1111111111"))) == {"nhs_number"}


@pytest.mark.parametrize(
    "agreement",
    [
        Agreement(Basis.PERSON),
        Agreement(Basis.AUTHORITY, by="Her daughter, with power of attorney"),
        Agreement(Basis.BEST_INTERESTS, reason="She cannot weigh it up, and the team agreed"),
    ],
)
def test_a_referral_stands_on_one_of_three_bases(agreement: Agreement) -> None:
    check(a_request(agreement=agreement), TODAY)


def test_without_agreement_or_its_words_there_is_no_referral() -> None:
    assert refused(a_request(agreement=None)) == {"agreement"}
    assert refused(a_request(agreement=Agreement(Basis.AUTHORITY, by=" "))) == {"agreement_by"}
    assert refused(a_request(agreement=Agreement(Basis.BEST_INTERESTS))) == {"agreement_reason"}


def test_something_else_needs_words() -> None:
    assert refused(a_request(reasons=(Reason.OTHER,))) == {"other_reason"}
    check(a_request(reasons=(Reason.OTHER,), other_reason="Wants to learn to swim"), TODAY)


def test_at_least_one_reason_and_each_once() -> None:
    assert refused(a_request(reasons=())) == {"reasons"}
    assert refused(a_request(reasons=(Reason.DEBT, Reason.DEBT))) == {"reasons"}


def test_a_way_of_reaching_the_person_must_have_what_it_needs() -> None:
    everything = ContactRules(channels=frozenset(Channel), notify_by=NotifyBy.EMAIL)
    bare = a_person(phone="", email="", address_lines=(), contact=everything)
    assert refused(a_request(bare)) == {"phone", "email", "address_lines", "through"}
    assert refused(a_request(a_person(contact=ContactRules()))) == {"channels"}


def test_somebody_who_is_unsafe_to_contact_needs_no_way_of_being_reached() -> None:
    check(a_request(a_person(contact=ContactRules(unsafe=True))), TODAY)


def test_a_birth_date_lies_in_the_past_and_in_a_lifetime() -> None:
    assert refused(a_request(a_person(born_on=date(2026, 11, 21)))) == {"born_on"}
    assert refused(a_request(a_person(born_on=date(1890, 1, 1)))) == {"born_on"}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    bad = a_person(given_name="", postcode="NOWHERE", nhs_number="123")
    request = a_request(bad, agreement=None, reasons=(), practice=None)
    assert refused(request) == {"given_name", "postcode", "nhs_number", "agreement", "reasons", "practice"}


def test_pasted_records_are_too_long() -> None:
    assert refused(a_request(what_matters="x" * 4001)) == {"what_matters"}
    assert refused(a_request(a_person(given_name="x" * 201))) == {"given_name"}


def test_sensitive_reasons_share_one_group_outside_this_service() -> None:
    assert reason_of("domestic-abuse").group is ReasonGroup.WITHHELD
    assert reason_of("gambling").group is ReasonGroup.WITHHELD
    assert reason_of("debt").group is ReasonGroup.MONEY_AND_ESSENTIALS
    assert len(Reason) == 42


def test_a_postcode_is_taken_however_it_is_typed() -> None:
    assert tidy_postcode(" rm176aa") == "RM17 6AA"
    assert tidy_postcode("RM17") is None
