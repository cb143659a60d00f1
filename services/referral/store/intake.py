"""Making a referral in two statements: all that the decision hangs on is read in one, all that it makes is written in
one. This is what the network does all day long, so it is written by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from services.referral.domain.matching import OpenEntry, PersonKeys
from services.referral.domain.network import Kind, Membership, Standing, network_on
from services.referral.domain.person import Person
from services.referral.domain.referral import Referral
from services.referral.store.people import columns_of_person
from services.referral.store.referrals import columns_of_referral
from shared.backbone.outbox import Said, record_many
from shared.events.envelope import ContactRef
from shared.runtime.ids import new_reference
from shared.runtime.store import AnyTx

LOCK = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key"
KNOWN = f"""
SELECT
    ARRAY(SELECT ROW(o.hash, o.referral_id,
              EXISTS (SELECT FROM open_person n WHERE n.referral_id = o.referral_id AND n.kind = 'nhs'))
          FROM open_person o WHERE o.hash = ANY($1::bytea[]) ORDER BY o.referral_id) AS entries,
    ARRAY(SELECT ROW(p.code, p.contact_id, p.contact_version) FROM organisation p
          WHERE p.code = ANY($2::text[]) AND p.kind = '{Kind.PRACTICE}' AND p.standing <> '{Standing.CLOSED}'
         ) AS practices,
    ARRAY(SELECT ROW(m.practice, m.network, m.starts, m.ends) FROM membership m
          WHERE m.practice = ANY($2::text[])) AS memberships,
    ARRAY(SELECT ROW(s.contact_id, s.contact_version) FROM staff s WHERE s.subject = $3) AS staff,
    ARRAY(SELECT r.reference FROM referral r WHERE r.reference = ANY($4::text[])) AS taken
"""  # noqa: S608 - two words of the domain
# One in hundreds is taken when a network is old; three at once are not.
_REFERENCES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows that making a referral hangs on. `practices` take referrals, each by its code with how it
    is reached; `asker` is how whoever asks is reached; `reference` is one that no referral has."""

    entries: tuple[OpenEntry, ...]
    practices: Mapping[str, ContactRef]
    memberships: tuple[Membership, ...]
    asker: ContactRef | None
    reference: str

    def network(self, practice: str | None, day: date) -> str | None:
        """The network that a practice belongs to on a day, if any."""
        return network_on((m for m in self.memberships if m.practice == practice), day)


async def known_of(tx: AnyTx, keys: PersonKeys, practices: Collection[str]) -> Known:
    """What is known of the person, of these practices and of who asks.

    Until the transaction ends nobody else may ask about the same person, so that two referrals made at one moment
    cannot both find nothing. The locks have a statement of their own: a statement sees what was there when it began,
    so one that waited for a lock would not see what it waited for.
    """
    asked = [key for key in (keys.nhs, keys.demographics[0]) if key]
    await tx.fetch(LOCK, sorted(int.from_bytes(key[:8], signed=True) for key in asked))
    references = [new_reference() for _ in range(_REFERENCES)]
    row = (await tx.fetch(KNOWN, list(keys.all), list(practices), tx.actor.subject, references))[0]
    return Known(
        entries=tuple(OpenEntry(*entry) for entry in row["entries"]),
        practices={code: ContactRef(contact_id=id_, version=version) for code, id_, version in row["practices"]},
        memberships=tuple(Membership(*membership) for membership in row["memberships"]),
        asker=next((ContactRef(contact_id=id_, version=version) for id_, version in row["staff"]), None),
        reference=next(reference for reference in references if reference not in row["taken"]),
    )


async def write_referral(
    tx: AnyTx, person: Person, referral: Referral, keys: PersonKeys, taken: Collection[bytes], said: Sequence[Said]
) -> None:
    """Write the person, the referral, the keys it takes (`taken` of `keys`; the primary key stands behind the locks)
    and what is said of it."""
    of_person, of_referral = columns_of_person(person), columns_of_referral(referral)
    kinds = ["nhs" if hashed == keys.nhs else "demographics" for hashed in taken]
    values = (*of_person.values(), *of_referral.values(), referral.id, list(taken), kinds)
    await record_many(tx, said, beside=beside(tuple(of_person), tuple(of_referral)), values=values)


@cache
def beside(of_person: tuple[str, ...], of_referral: tuple[str, ...]) -> str:
    """The statement's own part; its parameters are those of the columns in turn, from the seventh on."""
    first, second = 7, 7 + len(of_person)
    last = second + len(of_referral)
    return f"""
    the_person AS ({_insert("person", of_person, first)}),
    the_referral AS ({_insert("referral", of_referral, second)}),
    their_keys AS (
        INSERT INTO open_person (referral_id, hash, kind)
        SELECT ${last}, * FROM unnest(${last + 1}::bytea[], ${last + 2}::text[])),
    """  # noqa: S608 - names of columns


def _insert(table: str, columns: Sequence[str], first: int) -> str:
    places = ", ".join(f"${first + n}" for n in range(len(columns)))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names of columns
