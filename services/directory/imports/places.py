"""Where an activity happens, from the locations of Open Referral UK 1.x and 3.0."""

from services.directory.imports.fields import Node, decimal, node, nodes, text
from services.directory.imports.grid import grid_point
from services.directory.imports.listing import Place
from services.directory.imports.plain_text import one_line
from services.directory.imports.postcodes import tidy_postcode

ADDRESS_FIELDS = ("attention", "address_1", "address_2", "city", "region", "state_province")


def locations(service: Node) -> list[Node]:
    """Every location named, once each: they hang under the service or under its service_at_locations."""
    found = [location for at in nodes(service, "service_at_locations") for location in nodes(at, "location")]
    found += nodes(service, "locations", "location")
    return list({text(location, "id") or str(index): location for index, location in enumerate(found)}.values())


def places(service: Node, notes: list[str]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(_place(location, notes) for location in locations(service)))


def _place(location: Node, notes: list[str]) -> Place:
    if text(location, "location_type").lower() == "virtual":
        return Place(name=one_line(text(location, "name"), 200), online=True)
    address = next(iter(nodes(location, "physical_addresses", "addresses", "address")), {})
    lines = tuple(line for name in ADDRESS_FIELDS if (line := one_line(text(address, name), 120)))
    postcode = tidy_postcode(text(address, "postal_code", "postcode"))
    easting, northing = _coordinates(location, notes)
    return Place(one_line(text(location, "name"), 200), tuple(dict.fromkeys(lines)), postcode, easting, northing)


def _coordinates(location: Node, notes: list[str]) -> tuple[int | None, int | None]:
    point = node(location, "geo", "point")
    latitude = decimal(location, "latitude", "lat") or decimal(point, "latitude", "lat")
    longitude = decimal(location, "longitude", "lon", "lng") or decimal(point, "longitude", "lon")
    if latitude is None or longitude is None:
        return None, None
    found = grid_point(latitude, longitude)
    if found is None:
        notes.append("coordinates outside the United Kingdom left out")
        return None, None
    return found.easting, found.northing
