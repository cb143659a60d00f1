"""The network's practices and primary care networks come from the published files; a second run changes nothing."""

from datetime import date, datetime

from services.referral.actions.keys import Keys
from services.referral.actions.reachable import state_organisation
from services.referral.domain.network import Kind, Membership, Standing, network_on
from services.referral.imports.rows import NetworkRow, OrganisationFile, PracticeRow
from services.referral.store.organisations import (
    Organisation,
    known_organisations,
    write_memberships,
    write_organisation,
)
from shared.backbone.outbox import record
from shared.events.network import OrganisationListed
from shared.events.vocabulary import OrganisationKind
from shared.runtime.clock import LONDON
from shared.runtime.imports import Tally
from shared.runtime.store import Tx


async def import_organisations(tx: Tx, file: OrganisationFile, keys: Keys, at: datetime) -> Tally:
    """Take in what the files say of these practices and networks; what they do not name stays as it is.

    Each one that is new or changed is published, with the network it belongs to today.
    """
    known = await known_organisations(tx)
    networks = known.keys() | {network.code for network in file.networks}
    stated = [_network(n, at.astimezone(LONDON).date()) for n in file.networks]
    stated += [_practice(p, networks) for p in file.practices]
    tally = Tally(rejects=list(file.rejects))
    for organisation in stated:
        before = known.get(organisation.code)
        if before == organisation:
            tally.unchanged += 1
            continue
        await _take(tx, organisation, keys, at)
        tally.added, tally.changed = tally.added + (before is None), tally.changed + (before is not None)
    return tally


def _network(row: NetworkRow, today: date) -> Organisation:
    closed = row.closed is not None and row.closed <= today
    return Organisation(
        code=row.code,
        kind=Kind.PCN,
        name=row.name,
        standing=Standing.CLOSED if closed else Standing.OPEN,
        address_lines=row.address,
        postcode=row.postcode,
        phone="",
        opened=row.opened,
        closed=row.closed,
    )


def _practice(row: PracticeRow, networks: set[str]) -> Organisation:
    """A membership in a network that neither we nor the file know cannot be followed, so it is not kept."""
    memberships = (Membership(row.code, m.network, m.starts, m.ends) for m in row.memberships if m.network in networks)
    return Organisation(
        code=row.code,
        kind=Kind.PRACTICE,
        name=row.name,
        standing=Standing(row.standing),
        address_lines=row.address,
        postcode=row.postcode,
        phone=row.phone,
        opened=row.opened,
        closed=row.closed,
        memberships=frozenset(memberships),
    )


async def _take(tx: Tx, organisation: Organisation, keys: Keys, at: datetime) -> None:
    row = await write_organisation(tx, organisation)
    await tx.session.flush()
    await write_memberships(tx, organisation.code, organisation.memberships)
    await tx.session.flush()
    await state_organisation(tx, row, keys, at)
    listed = OrganisationListed(
        code=organisation.code,
        kind=OrganisationKind(organisation.kind),
        organisation_name=organisation.name,
        pcn=network_on(organisation.memberships, at.astimezone(LONDON).date()),
        open=organisation.standing is not Standing.CLOSED,
    )
    await record(tx, listed, subject=organisation.code, key=organisation.code, time=at)
