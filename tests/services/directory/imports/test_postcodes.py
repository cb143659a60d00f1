"""Where postcodes are, from Code-Point Open and from a feed's latitude and longitude."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from services.directory.imports.grid import GridPoint, grid_point
from services.directory.imports.postcodes import PostcodeRow, read_postcodes, tidy_postcode
from shared.runtime.imports import Reject, UnreadableFile
from tests.needs import PUBLISHED_DATA, need

CARRIED = Path(__file__).resolve().parents[4] / "deploy" / "embedded" / "network" / "postcodes.csv"
ROW = '"RM176AA",10,561500,177900,"E92000001","","","","E06000034","E05002235"\n'


def read(text: str) -> list[PostcodeRow | Reject]:
    return list(read_postcodes(io.BytesIO(text.encode())))


def test_a_row_is_a_postcode_on_the_national_grid() -> None:
    assert read(ROW) == [PostcodeRow("RM17 6AA", 10, 561500, 177900, "E06000034", "E05002235")]


def test_headings_are_not_read() -> None:
    headings = "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\nPostcode,Positional_quality_indicator,Eastings,Northings\n"
    assert len(read(headings + ROW)) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('"RM176AB",90,0,0', "no coordinates (positional quality 90)"),
        ('"RM176AB",10,0,0', "no coordinates (easting or northing is nought)"),
        ('"RM176AB",10,561500', "the row has 3 columns, and at least 4 are needed"),
        ('"RM176AB",10,51.47,0.32', "“51.47” cannot be the easting"),
        ('"RM176AB",10,561500,9999999', "“9999999” cannot be the northing"),
        ('"NOWHERE",10,561500,177900', "“NOWHERE” is not a postcode"),
        ('"RM17 6AA",10,1,1', "a later row for RM17 6AA"),
    ],
)
def test_a_row_that_cannot_stand_is_left_out_with_its_reason(row: str, reason: str) -> None:
    [_, reject] = read(f"{ROW}{row}\n")
    assert reject == Reject(2, row.split(",")[0].strip('"'), reason)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04\xff\xff", b"A81001,THE SURGERY,Y63,Q74\n" * 30, b"{}"])
def test_another_kind_of_file_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="not a Code-Point Open file"):
        list(read_postcodes(io.BytesIO(content)))


class Lines(io.RawIOBase):
    """A file that counts how far it has been read."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        self.rows, self.given = rows, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        row = next(self.rows, b"")
        self.given += bool(row)
        buffer[: len(row)] = row
        return len(row)


def test_a_long_file_is_read_as_it_comes() -> None:
    names = (f"RM1{n // 1000 % 10} {n // 676 % 10}{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}" for n in range(6000))
    source = Lines(f'"{name}",10,561500,177900\n'.encode() for name in names)
    rows = read_postcodes(io.BufferedReader(source, buffer_size=64))
    next(rows)
    assert source.given < 1000


def test_the_file_stays_open_for_whoever_opened_it() -> None:
    source: BinaryIO = io.BytesIO(ROW.encode())
    list(read_postcodes(source))
    assert not source.closed


def test_postcodes_are_written_one_way() -> None:
    assert [tidy_postcode(p) for p in ("rm176aa", "E1 6AN", "EC1A1BB", "0000")] == [
        "RM17 6AA",
        "E1 6AN",
        "EC1A 1BB",
        "",
    ]


def test_a_feeds_coordinates_land_on_the_grid_within_ten_metres() -> None:
    # The worked example of Ordnance Survey's "A guide to coordinate systems in Great Britain", annexe C, in WGS84.
    point = grid_point(52.657977, 1.716038)
    assert point is not None
    assert abs(point.easting - 651410) <= 10
    assert abs(point.northing - 313177) <= 10


@pytest.mark.parametrize(("latitude", "longitude"), [(100.0, 101.0), (0.0, 0.0), (40.7, -74.0), (51.5, 3.0)])
def test_coordinates_outside_the_kingdom_are_nowhere(latitude: float, longitude: float) -> None:
    assert grid_point(latitude, longitude) is None


def test_the_same_coordinates_are_always_the_same_place() -> None:
    assert grid_point(51.4775, 0.3232) == grid_point(51.4775, 0.3232) == GridPoint(561431, 177952)


@pytest.mark.parametrize(("file", "rows"), [("rm.csv", 9738), ("ss.csv", 11747), ("bs.csv", 26424)])
def test_the_published_files_read_whole_and_alike_twice(file: str, rows: int) -> None:
    path = PUBLISHED_DATA / "codepoint" / file
    need(path.exists(), "the published Code-Point files are not beside the project")
    with path.open("rb") as source:
        first = list(read_postcodes(source))
        source.seek(0)
        second = list(read_postcodes(source))
    assert len(first) == rows
    assert all(isinstance(row, PostcodeRow) for row in first)
    assert first == second


def test_the_carried_extract_is_small_and_says_whose_it_is() -> None:
    with CARRIED.open("rb") as source:
        rows = list(read_postcodes(source))
    assert len(rows) == 3099
    assert all(isinstance(row, PostcodeRow) for row in rows)
    assert CARRIED.stat().st_size < 250_000
    attribution = CARRIED.with_name("ATTRIBUTION.md").read_text("utf-8")
    for whose in ("Contains Ordnance Survey data", "Contains Royal Mail data", "Contains National Statistics data"):
        assert f"{whose} © " in attribution
    assert "Open Government Licence v3.0" in attribution
