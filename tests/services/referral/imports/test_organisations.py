"""Practices and networks as the NHS publishes them, dirt included."""

import random
from contextlib import suppress
from datetime import date

import pytest

from services.referral.imports.organisations import read_organisations
from services.referral.imports.rows import Membership, OrganisationFile, Standing
from shared.runtime.imports import UnreadableFile
from tests.services.referral.imports.workbook import (
    damaged,
    network,
    partner,
    practice,
    practices,
    spoiled,
    swollen,
    workbook,
)

ONE_NETWORK = workbook([network()], [partner()])


def read(listed: bytes, networks: bytes = ONE_NETWORK, known: frozenset[str] = frozenset()) -> OrganisationFile:
    return read_organisations(listed, networks, "07G", known)


def reasons(file: OrganisationFile) -> list[tuple[int, str, str]]:
    return [(reject.row, reject.id, reject.reason) for reject in file.rejects]


def test_a_practice_is_joined_to_its_network_by_code() -> None:
    file = read(practices(practice()))
    [surgery], [pcn] = file.practices, file.networks
    assert (surgery.name, surgery.postcode, surgery.phone) == ("The Marsh Surgery", "RM17 6AA", "01375 000000")
    assert surgery.address == ("The Marsh Surgery", "1 High Street", "Grays")
    assert surgery.memberships == (Membership("U00001", date(2019, 10, 1), None),)
    assert (pcn.code, pcn.name, pcn.lead, pcn.opened) == ("U00001", "Marsh PCN", "07G", date(2019, 10, 1))
    assert file.rejects == ()


def test_other_areas_and_places_that_are_no_gp_practice_are_not_read() -> None:
    listed = practices(
        practice(), practice("F00002", sub_icb="99E"), practice("Y00003", "WALK IN CENTRE", setting="1", status="Z")
    )
    file = read(listed)
    assert [p.code for p in file.practices] == ["F00001"]
    assert file.rejects == ()


def test_a_closed_practice_is_left_out_with_the_day_it_closed() -> None:
    file = read(practices(practice(), practice("F00002", status="C", closed="20180930")))
    assert reasons(file) == [(2, "F00002", "closed on 30 September 2018")]


def test_the_closing_of_a_practice_we_hold_is_news() -> None:
    listed = practices(practice(), practice("F00002", status="C", closed="20180930"))
    file = read(listed, known=frozenset({"F00002"}))
    assert [(p.code, p.standing, p.closed) for p in file.practices][1] == ("F00002", Standing.CLOSED, date(2018, 9, 30))
    assert file.rejects == ()


def test_a_dormant_practice_stays_while_a_network_counts_it_in() -> None:
    file = read(practices(practice(status="D"), practice("F00002", status="D")))
    assert [(p.code, p.standing) for p in file.practices] == [("F00001", Standing.DORMANT)]
    assert reasons(file) == [(2, "F00002", "dormant, and in no primary care network")]


def test_an_open_practice_in_no_network_stays() -> None:
    file = read(practices(practice(), practice("F00002")))
    assert file.practices[1].network_on(date(2026, 11, 20)) is None


def test_a_later_row_of_the_same_practice_is_left_out() -> None:
    file = read(practices(practice(), practice(name="ANOTHER NAME")))
    assert file.practices[0].name == "The Marsh Surgery"
    assert reasons(file) == [(2, "F00001", "a later row for F00001, which row 1 already gives")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (practice("X1"), "“X1” is not a practice code"),
        (practice("F00009", ""), "the practice has no name"),
        (practice("F00009", status="P"), "proposed, not yet open"),
        (practice("F00009", status="?"), "unknown status “?”"),
        (practice("F00009", opened="1 April"), "“1 April” is not a date written as YYYYMMDD"),
        (practice("F00009")[:20], "the row has 20 columns, and at least 26 are needed"),
    ],
)
def test_a_row_that_cannot_stand_is_left_out_with_its_reason(row: list[str], reason: str) -> None:
    file = read(practices(practice(), row))
    assert reasons(file) == [(2, row[0], reason)]


def test_a_practice_that_changed_network_has_both_with_their_dates() -> None:
    moved = [partner(ends=20220331), partner(network="U00002", starts=20220401)]
    [surgery] = read(practices(practice()), workbook([network(), network("U00002")], moved)).practices
    assert surgery.network_on(date(2022, 3, 31)) == "U00001"
    assert surgery.network_on(date(2022, 4, 1)) == "U00002"
    assert surgery.network_on(date(2018, 1, 1)) is None


def test_memberships_that_cannot_stand_are_left_out_and_the_practice_stays() -> None:
    partners = [partner(), partner(), partner(network="U77777"), partner(network=""), partner(starts="soon")]
    file = read(practices(practice()), workbook([network()], partners))
    assert len(file.practices[0].memberships) == 1
    assert reasons(file) == [
        (3, "F00001", "membership: a later row for F00001 in U00001"),
        (4, "F00001", "membership: network U77777 is not in the file"),
        (5, "F00001", "membership: “” is not a network code"),
        (6, "F00001", "membership: “soon” is not a date written as YYYYMMDD"),
    ]


def test_networks_without_a_name_and_later_rows_of_one_are_left_out() -> None:
    details = [
        network(),
        network(name="OTHER PCN"),
        network("U00002", ""),
        network("Y00003"),
        network("U00004", sub_icb="99E"),
    ]
    file = read(practices(practice()), workbook(details, [partner()]))
    assert [n.name for n in file.networks] == ["Marsh PCN"]
    assert reasons(file) == [
        (3, "U00001", "network: a later row for U00001"),
        (4, "U00002", "network: network U00002 has no name"),
        (5, "Y00003", "network: “Y00003” is not a network code"),
    ]


def test_a_network_led_from_elsewhere_comes_in_with_our_practice() -> None:
    file = read(practices(practice()), workbook([network(sub_icb="99E")], [partner()]))
    assert [(n.code, n.lead) for n in file.networks] == [("U00001", "99E")]


def test_networks_may_come_as_a_csv_of_the_partners_sheet() -> None:
    heads = (
        "Partner Organisation Code,Practice Parent Sub ICB Loc Code,PCN Code,PCN Name,PCN Parent Sub ICB Loc Code,"
        "Practice to PCN Relationship Start Date,Practice to PCN Relationship End Date\n"
    )
    rows = "F00001,07G,U00001,MARSH PCN,07G,20190701,\nF00002,07G,U00001,MARSH PCN,07G,20190701,\n"
    file = read(practices(practice(), practice("F00002")), (heads + rows).encode())
    assert [(n.code, n.name) for n in file.networks] == [("U00001", "Marsh PCN")]
    assert [p.memberships[0].network for p in file.practices] == ["U00001", "U00001"]
    assert file.rejects == ()


@pytest.mark.parametrize(
    ("listed", "networks", "sentence"),
    [
        (b"PK\x03\x04", ONE_NETWORK, "The practices file is not a CSV file: it is not text."),
        (b"a,b\n", ONE_NETWORK, "too few columns to be the epraccur file"),
        (
            practices(practice(sub_icb="99E")),
            ONE_NETWORK,
            "No GP practice in the practices file belongs to sub-ICB 07G.",
        ),
        (practices(practice()), b"PK\x03\x04rubbish", "not an Excel workbook that can be opened"),
        (practices(practice()), damaged(ONE_NETWORK), "not an Excel workbook that can be opened"),
        (practices(practice()), swollen(ONE_NETWORK), "unpacks to more than 30 MB"),
        (practices(practice()), workbook([], [], second="Sheet2"), "no sheet named “PCN Core Partner Details”"),
        (practices(practice()), b"code,name\n1,2\n", "has no column “partner organisation code”"),
    ],
)
def test_a_file_that_is_not_the_one_expected_is_refused_whole(listed: bytes, networks: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence.replace("(", r"\(")):
        read(listed, networks)


def test_a_workbook_with_bytes_changed_is_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(7)
    for _ in range(150):
        with suppress(UnreadableFile):
            read(practices(practice()), spoiled(ONE_NETWORK, chance))
