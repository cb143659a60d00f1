"""How far a group is from a person: postcodes and straight-line miles on the British National Grid."""

import re
from dataclasses import dataclass
from math import hypot

METRES_PER_MILE = 1609.344
FULL = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")


class NotAPostcode(ValueError):
    """What was typed has not the shape of a postcode, nor of the first half of one."""

    def __init__(self) -> None:
        super().__init__("Enter a postcode, like RM17 6SL, or its first half, like RM17")


@dataclass(frozen=True, slots=True)
class GridPoint:
    """Metres east and north of the British National Grid's origin."""

    easting: int
    northing: int

    def miles_to(self, other: "GridPoint") -> float:
        """Straight-line miles; on the grid's plane, so good to about 1 part in 1,000 within a region."""
        return hypot(self.easting - other.easting, self.northing - other.northing) / METRES_PER_MILE


def tidy_postcode(text: str) -> str:
    """ "rm176sl" -> "RM17 6SL"; "rm17" -> "RM17". Raises NotAPostcode."""
    compact = re.sub(r"[^A-Za-z0-9]", "", text).upper()
    if whole := FULL.fullmatch(compact):
        return f"{whole[1]} {whole[2]}"
    if OUTWARD.fullmatch(compact):
        return compact
    raise NotAPostcode


def outward(postcode: str) -> str:
    """The first half of a tidy postcode, which is an area and no one's address."""
    return postcode.split(" ")[0]


def distance_in_words(miles: float) -> str:
    if miles < 0.1:
        return "less than 0.1 miles"
    rounded = f"{miles:.1f}" if miles < 10 else f"{miles:.0f}"
    return f"{rounded.removesuffix('.0')} {'mile' if rounded == '1.0' else 'miles'}"
