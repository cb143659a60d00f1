"""The real files of the NHS Organisation Data Service, and the ones the invented borough carries."""

from datetime import date
from pathlib import Path

from services.referral.imports.organisations import read_organisations
from services.referral.imports.practices import read_practices
from services.referral.imports.rows import Standing
from services.referral.imports.sheets import read_tables
from services.referral.imports.wording import sensible_case
from tests.needs import PUBLISHED_DATA, need

CARRIED = Path(__file__).resolve().parents[4] / "deploy" / "embedded" / "network"


def published() -> tuple[bytes, bytes]:
    files = PUBLISHED_DATA / "ods" / "epraccur.csv", PUBLISHED_DATA / "ods" / "ePCN.xlsx"
    need(all(file.exists() for file in files), "the published ODS files are not beside the project")
    return files[0].read_bytes(), files[1].read_bytes()


def test_thurrock_has_28_practices_in_4_networks() -> None:
    practices, networks = published()
    file = read_organisations(practices, networks, "07G")
    assert [(n.code, n.name) for n in file.networks] == [
        ("U06243", "Tilbury and Chadwell PCN"),
        ("U28765", "ASOP PCN"),
        ("U68127", "Grays PCN"),
        ("U98530", "Stanford-le-Hope PCN"),
    ]
    assert len(file.practices) == 28
    assert {p.network_on(date(2020, 1, 31)) for p in file.practices} == {n.code for n in file.networks}
    assert [p.code for p in file.practices if p.standing is Standing.DORMANT] == ["F81691"]
    assert all(p.postcode and p.phone and p.address for p in file.practices)


def test_thurrocks_closed_and_dormant_practices_are_left_out_with_reasons() -> None:
    practices, networks = published()
    file = read_organisations(practices, networks, "07G")
    left_out = {reject.id: reject.reason for reject in file.rejects}
    assert len(left_out) == len(file.rejects) == 8
    assert sum(reason.startswith("closed on ") for reason in left_out.values()) == 5
    assert left_out["F81084"] == "dormant, and in no primary care network"


def test_the_same_files_read_the_same_a_second_time() -> None:
    practices, networks = published()
    assert read_organisations(practices, networks, "07G") == read_organisations(practices, networks, "07G")


def test_the_carried_borough_reads_without_a_reject() -> None:
    practices, networks = (CARRIED / "practices.csv").read_bytes(), (CARRIED / "networks.csv").read_bytes()
    file = read_organisations(practices, networks, "X90")
    assert (len(file.practices), len(file.networks), file.rejects) == (30, 4, ())
    assert all(p.network_on(date(2026, 11, 20)) for p in file.practices)
    assert any(len(p.memberships) == 2 for p in file.practices)


def test_the_carried_boroughs_codes_and_names_are_nobodys() -> None:
    practices, networks = published()
    carried = read_practices((CARRIED / "practices.csv").read_bytes(), "X90")
    text = practices.decode("cp1252")
    assert not [n.practice.code for n in carried.rows if f'"{n.practice.code}"' in text]
    assert '"X90"' not in text
    details = read_tables(networks).details
    own = {f"U9900{n}" for n in range(1, 5)}
    assert not own & {str(line["pcn code"]) for line in details}
    assert not {sensible_case(str(line["pcn name"])) for line in details} & {
        "Quayside PCN",
        "Lantern Hill and Fort Reach PCN",
        "Four Orchards PCN",
        "Oakmarsh and Ferry Point PCN",
    }
