"""What the network is made of: practices, primary care networks and their names."""

from typing import ClassVar

from shared.events.envelope import Fact
from shared.events.vocabulary import OrganisationKind


class OrganisationListed(Fact):
    """An organisation as it stands now; `pcn` is the network a practice belongs to today."""

    name: ClassVar[str] = "organisation-listed"
    code: str
    kind: OrganisationKind
    organisation_name: str
    pcn: str | None = None
    open: bool = True
