"""From a feed's latitude and longitude to the British National Grid metres in which Kith measures distance."""

from dataclasses import dataclass
from functools import cache

from pyproj import Transformer

UK_LATITUDES, UK_LONGITUDES = (49.0, 61.0), (-9.0, 2.0)  # the box of the Open Referral UK range check


@dataclass(frozen=True, slots=True)
class GridPoint:
    easting: int
    northing: int


@cache
def _to_grid() -> Transformer:
    """EPSG:4326 to EPSG:27700 by what the pyproj wheel itself carries: a few metres out, no grid file, no network."""
    return Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


def grid_point(latitude: float, longitude: float) -> GridPoint | None:
    """None outside the United Kingdom: official examples of the format have latitude 100."""
    if not (UK_LATITUDES[0] <= latitude <= UK_LATITUDES[1] and UK_LONGITUDES[0] <= longitude <= UK_LONGITUDES[1]):
        return None
    easting, northing = _to_grid().transform(longitude, latitude)
    return GridPoint(round(easting), round(northing))
