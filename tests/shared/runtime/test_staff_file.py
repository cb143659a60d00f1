"""The file that says who works in the network."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.runtime.actor import Role
from shared.runtime.imports import Tally, UnreadableFile
from shared.runtime.staff_file import StaffRow, read_staff

HEADER = "subject,name,role,organisation,email,phone\n"
CARRIED = Path(__file__).resolve().parents[3] / "deploy" / "embedded" / "network" / "staff.csv"


def test_a_csv_and_a_json_of_the_same_person_read_alike() -> None:
    table = HEADER + "amara.okafor,Amara Okafor,link-worker,U99001;U99002,amara@example.org,07700 900001\n"
    listed = """[{"subject": "amara.okafor", "name": "Amara Okafor", "role": "Link worker", "extra": 1,
        "organisation": ["U99001", "U99002"], "email": "amara@example.org", "phone": "07700 900001"}]"""
    person = StaffRow(
        "amara.okafor", "Amara Okafor", Role.LINK_WORKER, ("U99001", "U99002"), "amara@example.org", "07700 900001"
    )
    assert read_staff(table.encode()).rows == (replace(person, row=2),)
    assert read_staff(listed.encode()).rows == (replace(person, row=1),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Ann,steward,,,", "the subject is missing"),
        ("ann smith,Ann,steward,,,", "the subject has a space in it"),
        ("ann,,steward,,,", "the name is missing"),
        ("ann,Ann,link-worker,,,", "a link worker needs an organisation"),
        ("ann,Ann,steward,,not-an-address,", "the email is not an email address"),
        ("one,Ann,steward,,,", "a later row for one"),
        ("ann,A\0nn,steward,,,", "there are characters in the row that cannot be printed"),
    ],
)
def test_a_person_who_cannot_stand_is_left_out_with_the_reason(line: str, reason: str) -> None:
    parsed = read_staff(f"{HEADER}one,One,analyst,,,\n{line}\n".encode())
    assert [(r.row, r.reason) for r in parsed.rejects] == [(3, reason)]
    assert [row.subject for row in parsed.rows] == ["one"]


@pytest.mark.parametrize("role", ["person", "system", "doctor", ""])
def test_roles_that_no_staff_can_have_are_refused(role: str) -> None:
    [reject] = read_staff(f"{HEADER}ann,Ann,{role},U99001,,\n".encode()).rejects
    assert reject.reason.startswith(f"“{role}” is not a role; the roles are analyst, link-worker,")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe", "not text in UTF-8"),
        (b"subject,name,role\n", "no column “organisation”"),
        (b"", "no column “subject”"),
        (b"[{]", "begins like JSON and is not"),
        (b'{"subject": "a"}', "not a list of people"),
        (b"[1]", "not a list of people"),
    ],
)
def test_a_file_of_another_kind_is_refused_whole(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        read_staff(content)


def test_the_carried_staff_read_without_a_reject() -> None:
    parsed = read_staff(CARRIED.read_bytes())
    assert parsed.rejects == ()
    assert {row.role for row in parsed.rows} == set(Role) - {Role.PERSON, Role.SYSTEM}
    assert all(row.email.endswith("@example.org") for row in parsed.rows)


def test_a_tally_reads_what_its_four_parts_sum_to() -> None:
    tally = Tally(
        added=2, changed=1, unchanged=4, rejects=list(read_staff(f"{HEADER}a,,analyst,,,\n".encode()).rejects)
    )
    assert tally.counts() == {"read": 8, "added": 2, "changed": 1, "unchanged": 4, "rejected": 1}
