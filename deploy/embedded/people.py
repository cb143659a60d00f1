"""The invented people of the demonstration, and the names of the places they work in."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.issuing import Person
from services.referral.imports.wording import sensible_case
from shared.runtime.staff_file import read_staff

NETWORK = Path(__file__).parent / "network"


def people_in(staff: bytes, places: Mapping[str, str]) -> list[Person]:
    """The people of a staff file; `places` names their organisations."""
    return [
        Person(
            row.subject,
            row.name,
            (row.role,),
            row.organisations,
            place=", ".join(places.get(each, each) for each in row.organisations),
        )
        for row in read_staff(staff).rows
    ]


def places_in(network: Path) -> dict[str, str]:
    """Code or id to name: practices, their networks, and the groups that offer something."""
    practices = csv.reader(io.StringIO((network / "practices.csv").read_text()))
    networks = csv.DictReader(io.StringIO((network / "networks.csv").read_text()))
    activities = json.loads((network / "activities.json").read_text())
    return {
        **{row[0]: sensible_case(row[1]) for row in practices},
        **{row["PCN Code"]: sensible_case(row["PCN Name"]) for row in networks},
        **{each["organization"]["id"]: each["organization"]["name"] for each in activities},
    }


def demonstration_people() -> list[Person]:
    """Everybody whom the log-in page offers."""
    return people_in((NETWORK / "staff.csv").read_bytes(), places_in(NETWORK))
