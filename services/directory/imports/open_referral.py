"""`kith import activities`: listings from an Open Referral UK feed, 1.x or 3.0, whatever state it is in."""

from collections.abc import Callable, Iterable
from uuid import UUID

from services.directory.imports import vocabulary
from services.directory.imports.contacts import usable_email, usable_phone, usable_url
from services.directory.imports.costs import cost
from services.directory.imports.fields import Node, day, node, nodes, text, whole
from services.directory.imports.listing import Eligibility, ListingRow, Provider, Standing
from services.directory.imports.places import locations, places
from services.directory.imports.plain_text import one_line, plain
from services.directory.imports.rooms import room
from services.directory.imports.slots import slots
from shared.runtime.imports import Parsed, Reject

DESCRIPTION_LIMIT, SUMMARY_LIMIT, NAME_LIMIT = 6000, 200, 200
OPENING = 500  # what an activity is for is said at the start; further on its description tells of other things
STANDINGS = {
    "": Standing.ACTIVE,
    "active": Standing.ACTIVE,
    "temporarily closed": Standing.PAUSED,
    "inactive": Standing.WITHDRAWN,
    "defunct": Standing.WITHDRAWN,
}


def read_listings(services: Iterable[object]) -> Parsed[ListingRow]:
    """Every service of a feed, numbered from 1 across its pages.

    Left out, with the reason: what is not an object, has no id or no name, an unknown status, or an id met before.
    One that names no organisation stays, without a provider; a withdrawn one stays, so that ours is withdrawn too.
    """
    rows: dict[str, ListingRow] = {}
    rejects: list[Reject] = []
    for number, service in enumerate(services, start=1):
        try:
            row = _listing(service)
            if row.source_id in rows:
                raise ValueError(f"a later row for “{rows[row.source_id].name}”")
            rows[row.source_id] = row
        except ValueError as reason:
            given = text(service, "id")[:100] if isinstance(service, dict) else ""
            rejects.append(Reject(number, given, str(reason)))
    return Parsed(tuple(rows.values()), tuple(rejects))


def _listing(service: object) -> ListingRow:
    if not isinstance(service, dict):
        raise ValueError("not a service: the feed has something else in its list")
    source_id, name = _source_id(service), one_line(text(service, "name"), NAME_LIMIT)
    if not source_id or len(source_id) > 100:
        raise ValueError("the service has no id" if not source_id else "the service's id is longer than 100 characters")
    if not name:
        raise ValueError("the service has no name")
    status = text(service, "status").lower().replace("_", " ")
    if status not in STANDINGS:
        raise ValueError(f"unknown status “{status[:40]}”")
    return _row(service, source_id, name, STANDINGS[status])


def _source_id(service: Node) -> str:
    """A UUID in its usual spelling, however the feed writes it, so that two spellings are one listing."""
    given = text(service, "id")
    try:
        return str(UUID(given))
    except ValueError:
        return given


def _row(service: Node, source_id: str, name: str, standing: Standing) -> ListingRow:
    notes: list[str] = []
    description = plain(text(service, "description"), DESCRIPTION_LIMIT)
    terms, access = vocabulary.terms(service), _access_text(service)
    provider = _provider(node(service, "organization", "organisation"))
    email = _first(usable_email, [text(service, "email"), *_contact_fields(service, "contacts", "email")])
    phone = _first(usable_phone, _contact_fields(service, "phones", "number"))
    url = _url(service, notes)
    return ListingRow(
        source_id=source_id,
        name=name,
        summary=_summary(service, name, description),
        description=description,
        standing=standing,
        provider=provider,
        email=email or (provider.email if provider else ""),
        phone=phone or (provider.phone if provider else ""),
        url=url or (provider.url if provider else ""),
        places=places(service, notes),
        slots=slots(service),
        cost=cost(service),
        eligibility=_eligibility(service),
        how_to_join=_how_to_join(service),
        accessibility=vocabulary.accessibility().codes(_access_terms(service), name, f"{access}\n{description}"),
        accessibility_text=access,
        languages=_languages(service, terms),
        needs=vocabulary.needs().codes(terms, name, description[:OPENING]),
        room=room(service, notes),
        assured_on=day(service, "assured_date") or day(node(service, "pc_metadata"), "date_assured"),
        revised_on=day(service, "last_modified", "modified") or day(node(service, "pc_metadata"), "date_modified"),
        notes=tuple(dict.fromkeys(notes)),
    )


def _summary(service: Node, name: str, description: str) -> str:
    """The feed's own, or how the description begins; many descriptions begin with the name once more."""
    opening = description.removeprefix(name).lstrip(" .:-–\n") or description
    return one_line(text(service, "summary") or opening, SUMMARY_LIMIT)


def _provider(organisation: Node) -> Provider | None:
    name = one_line(text(organisation, "name"), NAME_LIMIT)
    if not name:
        return None
    return Provider(
        id=text(organisation, "id")[:100] or name.lower(),
        name=name,
        description=plain(text(organisation, "description"), 1000),
        email=_first(usable_email, [text(organisation, "email"), *_contact_fields(organisation, "contacts", "email")]),
        phone=_first(usable_phone, _contact_fields(organisation, "phones", "number")),
        url=usable_url(text(organisation, "website", "url", "uri")),
    )


def _contact_fields(parent: Node, kind: str, field: str) -> list[str]:
    """From the thing itself and from its contacts, in that order."""
    holders = nodes(parent, "contacts") if kind != "contacts" else []
    return [text(item, field) for holder in (parent, *holders) for item in nodes(holder, kind)]


def _first(usable: Callable[[str], str], candidates: Iterable[str]) -> str:
    return next((found for candidate in candidates if (found := usable(candidate))), "")


def _url(service: Node, notes: list[str]) -> str:
    given = text(service, "url")
    usable = usable_url(given) if given else ""
    if given and not usable:
        notes.append("web address left out: it is not one")
    return usable


def _eligibility(service: Node) -> Eligibility:
    """One line of all that is said about whom it is for; an age from nought, or to 99 and more, is no limit."""
    stated = nodes(service, "eligibilitys", "eligibilities", "eligibility")
    low = next((age for n in (service, *stated) if (age := whole(n, "minimum_age"))), None)
    high = next((age for n in (service, *stated) if (age := whole(n, "maximum_age"))), None)
    audiences = ", ".join(dict.fromkeys(text(a, "audienceType") for a in nodes(service, "pc_targetAudience")))
    said = [text(service, "eligibility_description", "eligibility"), *(text(n, "eligibility") for n in stated)]
    words = "; ".join(dict.fromkeys(part for raw in said if (part := one_line(raw, 500))))
    about = words or (f"For: {audiences.replace('>', ', ')}" if audiences else "")
    return Eligibility(low, high if high and high < 99 else None, one_line(about, 500))


def _how_to_join(service: Node) -> str:
    words = text(service, "application_process", "pc_attendingAccess_additionalInfo")
    return plain("\n".join(part for part in (text(service, "attending_access"), words) if part), 1000)


def _access_terms(service: Node) -> list[vocabulary.Term]:
    """What is said of the places and of the way of attending ("Online", "Home visit") counts as terms too."""
    spoken = [text(service, "attending_type")]
    spoken += [text(item, "accessibility", "description") for item in _access_items(service)]
    held = [term for holder in (service, *locations(service)) for term in vocabulary.terms(holder)]
    return held + [vocabulary.Term("", "", words) for words in spoken if words]


def _access_text(service: Node) -> str:
    said = (text(item, "details", "description", "accessibility") for item in _access_items(service))
    return plain("\n".join(dict.fromkeys(part for part in said if part)), 1000)


def _access_items(service: Node) -> list[Node]:
    fields = ("accessibility", "accessibilities", "accessibility_for_disabilities")
    return [item for holder in (service, *locations(service)) for item in nodes(holder, *fields)]


def _languages(service: Node, terms: list[vocabulary.Term]) -> tuple[str, ...]:
    """Names in English: 1.x gives them, 3.0 has no field for one, so that its feeds put them among the attributes."""
    named = [text(item, "language", "name") for item in nodes(service, "languages")]
    named += [term.name for term in terms if term.vocabulary.lower() in ("languages", "language")]
    return tuple(dict.fromkeys(tidy[:1].upper() + tidy[1:] for name in named if (tidy := one_line(name, 60))))
