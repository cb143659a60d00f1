"""Recognising a person who has an open referral, without being able to look anybody up."""

from uuid import uuid4

from services.referral.domain.matching import OpenEntry, free_keys, keys_of, matches
from services.referral.domain.person import PersonDetails
from tests.services.referral.domain.people import a_person

SECRET = b"a secret of the tests"


def entries(person: PersonDetails, *, after: list[OpenEntry] | None = None) -> list[OpenEntry]:
    keys, referral = keys_of(person, SECRET), uuid4()
    taken = free_keys(keys, after or [])
    return [*(after or []), *(OpenEntry(key, referral, keys.nhs is not None) for key in taken)]


def certainty(person: PersonDetails, among: list[OpenEntry]) -> list[bool]:
    return [match.certain for match in matches(keys_of(person, SECRET), among)]


def test_an_nhs_number_is_certain_whatever_the_name() -> None:
    assert certainty(a_person(family_name="Smith", postcode="CM1 1AA"), entries(a_person())) == [True]


def test_without_a_number_on_both_sides_a_namesake_born_that_day_there_may_be_the_person() -> None:
    assert certainty(a_person(nhs_number=None), entries(a_person())) == [False]
    assert certainty(a_person(), entries(a_person(nhs_number=None))) == [False]


def test_two_numbers_that_differ_are_two_people() -> None:
    assert certainty(a_person(nhs_number="9990000026"), entries(a_person())) == []


def test_case_accents_spaces_and_punctuation_make_no_difference() -> None:
    typed = a_person(nhs_number=None, given_name=" RÓSA", family_name="O'Kafor-", postcode="rm176aa")
    assert certainty(typed, entries(a_person(nhs_number=None))) == [False]


def test_another_birth_date_or_postcode_is_somebody_else() -> None:
    known = entries(a_person(nhs_number=None))
    assert certainty(a_person(nhs_number=None, postcode="RM17 6AB"), known) == []
    assert certainty(a_person(nhs_number=None, born_on=a_person().born_on.replace(day=15)), known) == []


def test_two_people_of_one_name_each_keep_a_place_of_their_own() -> None:
    first = entries(a_person(nhs_number=None))
    both = entries(a_person(nhs_number=None), after=first)
    assert len({entry.hash for entry in both}) == 2
    assert certainty(a_person(nhs_number=None), both) == [False, False]


def test_another_network_has_other_keys() -> None:
    assert keys_of(a_person(), SECRET).nhs != keys_of(a_person(), b"another").nhs
