"""Names in capitals, as people write them."""

import pytest

from services.referral.imports.wording import sensible_case, tidy_postcode


@pytest.mark.parametrize(
    ("capitals", "written"),
    [
        ("STANFORD-LE-HOPE PCN", "Stanford-le-Hope PCN"),
        ("HORNDON-ON-THE-HILL SURGERY", "Horndon-on-the-Hill Surgery"),
        ("DR DESHPANDE AM PRACTICE", "Dr Deshpande AM Practice"),
        ("ST JOHN'S & O'BRIEN SURGERY", "St John's & O'Brien Surgery"),
        ("DR A MCDONALD", "Dr A McDonald"),
        ("CHAFFORD HUNDRED,GRAYS", "Chafford Hundred, Grays"),
        ("271A SOUTHEND ROAD", "271A Southend Road"),
        ("7 THE SORRELLS", "7 The Sorrells"),
        ("DILIP SABNIS MEDICAL CTR PMS", "Dilip Sabnis Medical Ctr PMS"),
        ("  THE   GROVE ", "The Grove"),
        ("eGP Learning Practice", "eGP Learning Practice"),
    ],
)
def test_names_read_as_people_write_them(capitals: str, written: str) -> None:
    assert sensible_case(capitals) == written


@pytest.mark.parametrize(
    ("given", "tidy"),
    [
        ("rm176aa", "RM17 6AA"),
        (" RM17  6AA ", "RM17 6AA"),
        ("B1 1AA", "B1 1AA"),
        ("RM17", ""),
        ("", ""),
        ("6AA RM17", ""),
    ],
)
def test_postcodes_are_written_one_way(given: str, tidy: str) -> None:
    assert tidy_postcode(given) == tidy
