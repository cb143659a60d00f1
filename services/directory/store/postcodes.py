"""Where postcodes lie: hundreds of thousands taken in at once, looked up one or a few at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.directory.domain.geography import GridPoint
from shared.runtime.store import Tx

_UPSERT = """
INSERT INTO postcode AS held (postcode, quality, easting, northing, district, ward)
SELECT * FROM unnest(
    CAST(:postcodes AS text[]), CAST(:qualities AS smallint[]), CAST(:eastings AS integer[]),
    CAST(:northings AS integer[]), CAST(:districts AS text[]), CAST(:wards AS text[]))
ON CONFLICT (postcode) DO UPDATE SET quality = excluded.quality, easting = excluded.easting,
    northing = excluded.northing, district = excluded.district, ward = excluded.ward
WHERE (held.quality, held.easting, held.northing, held.district, held.ward)
    IS DISTINCT FROM (excluded.quality, excluded.easting, excluded.northing, excluded.district, excluded.ward)
RETURNING (xmax = 0) AS added
"""
_COUNTED = f"WITH written AS ({_UPSERT}) SELECT added, count(*) AS number FROM written GROUP BY added"  # noqa: S608
_KNOWN = "SELECT postcode, easting, northing FROM postcode WHERE postcode = ANY(:postcodes)"
# A range of the primary key: "RM17 " and everything that begins so, since "!" comes after the blank.
_AREA = """
SELECT avg(easting) AS easting, avg(northing) AS northing FROM postcode
WHERE postcode >= :area || ' ' AND postcode < :area || '!'
"""


@dataclass(frozen=True, slots=True)
class Located:
    """One postcode of a published file, in metres of the National Grid."""

    postcode: str
    quality: int
    easting: int
    northing: int
    district: str
    ward: str


@dataclass(frozen=True, slots=True)
class Written:
    """How many were new, and how many had moved; the rest stood as they were."""

    added: int
    changed: int


async def upsert_postcodes(tx: Tx, batch: Sequence[Located]) -> Written:
    """Take in a batch in one statement; no postcode twice in it. Some ten thousand at a time is best."""
    rows = await tx.rows(
        _COUNTED,
        postcodes=[each.postcode for each in batch],
        qualities=[each.quality for each in batch],
        eastings=[each.easting for each in batch],
        northings=[each.northing for each in batch],
        districts=[each.district for each in batch],
        wards=[each.ward for each in batch],
    )
    counts = {row["added"]: int(row["number"]) for row in rows}
    return Written(counts.get(True, 0), counts.get(False, 0))


async def where_they_lie(tx: Tx, postcodes: Iterable[str]) -> dict[str, GridPoint]:
    """Grid points by whole postcode; one that nobody knows is missing."""
    rows = await tx.rows(_KNOWN, postcodes=sorted({each for each in postcodes if each}))
    return {row["postcode"]: GridPoint(row["easting"], row["northing"]) for row in rows}


async def where_it_lies(tx: Tx, postcode: str) -> GridPoint | None:
    """A whole postcode's point, or the middle of all that begin with this first half; None when we know none."""
    if " " in postcode:
        return (await where_they_lie(tx, [postcode])).get(postcode)
    row = (await tx.rows(_AREA, area=postcode))[0]
    return None if row["easting"] is None else GridPoint(round(row["easting"]), round(row["northing"]))
