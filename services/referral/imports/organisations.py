"""`kith import organisations`: one sub-ICB's GP practices and networks, joined from the two published files."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date

from services.referral.imports.networks import Partner, read_networks, read_partners
from services.referral.imports.practices import NumberedPractice, read_practices
from services.referral.imports.rows import Membership, OrganisationFile, PracticeRow, Standing
from services.referral.imports.sheets import read_tables
from shared.runtime.imports import Reject


def read_organisations(
    practices: bytes, networks: bytes, sub_icb: str, known: AbstractSet[str] = frozenset()
) -> OrganisationFile:
    """`practices` is epraccur.csv, `networks` ePCN.xlsx (or a CSV of its partners sheet).

    `known` are the codes already held. A closed practice, or a dormant one in no network, is left out with its reason
    unless it is known: then its closing is news. Raises UnreadableFile when either file as a whole cannot be used.
    """
    listed = read_practices(practices, sub_icb)
    tables = read_tables(networks)
    partners = read_partners(tables, frozenset(n.practice.code for n in listed.rows))
    joined = [_joined(numbered, _of(partners.rows)) for numbered in listed.rows]
    left_out = {n.practice.code: reject for n in joined if (reject := _left_out(n, known))}
    kept = sorted((n.practice for n in joined if n.practice.code not in left_out), key=lambda p: p.code)
    led = read_networks(tables, sub_icb, _networks_of(kept))
    return OrganisationFile(
        practices=tuple(kept),
        networks=tuple(sorted(led.rows, key=lambda n: n.code)),
        rejects=(*listed.rejects, *left_out.values(), *led.rejects, *partners.rejects),
    )


def _of(partners: tuple[Partner, ...]) -> dict[str, list[Membership]]:
    memberships: dict[str, list[Membership]] = defaultdict(list)
    for partner in partners:
        memberships[partner.practice].append(partner.membership)
    return memberships


def _joined(numbered: NumberedPractice, memberships: dict[str, list[Membership]]) -> NumberedPractice:
    own = sorted(memberships.get(numbered.practice.code, []), key=lambda m: (m.starts or date.min, m.network))
    return replace(numbered, practice=replace(numbered.practice, memberships=tuple(own)))


def _networks_of(practices: list[PracticeRow]) -> frozenset[str]:
    return frozenset(m.network for p in practices for m in p.memberships)


def _left_out(numbered: NumberedPractice, known: AbstractSet[str]) -> Reject | None:
    practice = numbered.practice
    if practice.code in known:
        return None
    if practice.standing is Standing.CLOSED:
        return Reject(
            numbered.row, practice.code, f"closed{f' on {practice.closed:%-d %B %Y}' if practice.closed else ''}"
        )
    if practice.standing is Standing.DORMANT and not any(m.ends is None for m in practice.memberships):
        return Reject(numbered.row, practice.code, "dormant, and in no primary care network")
    return None
