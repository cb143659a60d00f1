"""The NHS number's check, against published vectors."""

import pytest

from services.referral.domain.nhs_number import is_valid, spaced, tidy


@pytest.mark.parametrize("number", ["9434765919", "9990000018", "9990000026", "9990000107", "4010232137"])
def test_a_number_with_the_right_check_digit_is_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize("digit", "0123456789")
def test_one_digit_ten_times_passes_the_check_and_is_refused_all_the_same(digit: str) -> None:
    assert not is_valid(digit * 10)


@pytest.mark.parametrize("last", "0123456789")
def test_a_prefix_whose_check_would_be_ten_has_no_valid_number(last: str) -> None:
    assert not is_valid("999000000" + last)


@pytest.mark.parametrize("number", ["", "999000001", "99900000180", "999000001a", "٩٩٩٠٠٠٠٠١٨"])
def test_what_is_not_ten_digits_is_refused(number: str) -> None:
    assert not is_valid(number)


def test_no_single_wrong_digit_and_no_swapped_neighbours_escape() -> None:
    right = "9990000018"
    wrong = {right[:i] + d + right[i + 1 :] for i in range(10) for d in "0123456789"} - {right}
    wrong |= {right[:i] + right[i + 1] + right[i] + right[i + 2 :] for i in range(9)} - {right}
    assert not any(is_valid(number) for number in wrong)


def test_spaces_and_dashes_are_taken_out_and_put_back_for_people() -> None:
    assert tidy(" 999 000-0018 ") == "9990000018"
    assert spaced("9990000018") == "999 000 0018"
