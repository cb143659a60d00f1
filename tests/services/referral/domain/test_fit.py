"""Does an activity fit the person: a coarse answer for the group, sentences for the link worker."""

from datetime import date

import pytest

from services.referral.domain.fit import Answer, Offer, fit
from services.referral.domain.person import PersonDetails

TODAY = date(2026, 11, 20)


def person(**changes: object) -> PersonDetails:
    given = {"given_name": "Rosa", "family_name": "Okafor", "born_on": date(1951, 3, 14), "postcode": "RM17 6AA"}
    return PersonDetails(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [
        (None, None, Answer.UNKNOWN),
        (18, None, Answer.YES),
        (75, 75, Answer.YES),
        (76, None, Answer.NO),
        (None, 74, Answer.NO),
        (None, 75, Answer.YES),
    ],
)
def test_age_decides_whether_the_rules_are_met(low: int | None, high: int | None, answer: Answer) -> None:
    assert fit(Offer(minimum_age=low, maximum_age=high), person(), TODAY).meets_rules is answer


def test_the_same_area_fits_and_another_is_to_be_checked() -> None:
    assert "Area: the group is in RM17, where the person lives" in fit(Offer(area="RM17"), person(), TODAY).fits
    (check,) = [each for each in fit(Offer(area="RM1"), person(), TODAY).check if each.startswith("Area")]
    assert check == "Area: the group is in RM1, the person lives in RM17. Can they get there?"
    unknown = fit(Offer(area="RM1"), person(postcode=""), TODAY).check
    assert "Area: the group is in RM1, the person's postcode is not known" in unknown


def test_what_only_words_say_is_left_to_the_link_worker() -> None:
    offer = Offer(minimum_age=18, area="RM17", eligibility="Carers only", accessibility=("step-free", "hearing-loop"))
    check = fit(offer, person(adjustments="large print", language="Polish"), TODAY).check
    assert check == (
        "The group says: Carers only",
        "The person needs: large print. The group says: step-free access, hearing loop",
        "The person speaks Polish. The group has not said that it does",
    )
    assert fit(offer, person(language="English"), TODAY).check == ("The group says: Carers only",)
