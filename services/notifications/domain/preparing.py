"""Getting a message ready: who exactly it goes to, what it may say, and what it still waits for.

Events of different streams arrive in any order, so a message is written down at once and made ready when everything
it needs is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.notifications.domain.contact import Channel, Contact, ContactAt, Withheld, way_to_reach
from services.notifications.domain.delivery import Waiting
from services.notifications.domain.telling import Audience, Occasion
from services.notifications.domain.words import Matter, Words, words_for


@dataclass(frozen=True, slots=True)
class Referral:
    """What we keep of a referral: its reference, its network's code and who is to be told.

    `reference` "" is a self-referral that was only received: its receipt says nothing of what became of it.
    `referrer_follows`: the person agreed that the referrer learns how it goes; None where an event does not say.
    """

    referral_id: UUID
    reference: str
    pcn: str
    person: ContactAt
    referrer: ContactAt | None = None
    link_worker: ContactAt | None = None
    referrer_follows: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What we keep of a request for a place; `need` is a group's code."""

    request_id: UUID
    reference: str
    activity_id: UUID
    need: str
    answer_by: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """What we keep of an activity: its name and whom to write to."""

    activity_id: UUID
    name: str
    provider: ContactAt | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What one message is about: ids that were in its event."""

    occasion: Occasion
    audience: Audience
    referral_id: UUID
    request_id: UUID | None = None
    activity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What has arrived of that so far; `contacts` by id, `team` the network's name."""

    referral: Referral | None = None
    request: Request | None = None
    activity: Activity | None = None
    contacts: Mapping[UUID, Contact] = field(default_factory=dict)
    team: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something has not arrived yet."""

    what: Waiting
    which: UUID


@dataclass(frozen=True, slots=True)
class Ready:
    """The message can go."""

    channel: Channel
    contact: Contact
    words: Words
    matter: Matter


class Nobody:
    """There is nobody to tell: the person referred themself, or the referrer may not know."""


Prepared = Missing | Nobody | Withheld | Ready


def recipient(about: About, referral: Referral, activity: Activity | None) -> ContactAt | None:
    """Whose contact a message goes to. How the support goes is the referrer's to know only where the person agreed."""
    if about.audience is Audience.PROVIDER:
        return activity.provider if activity else None
    of_the_support = about.request_id is not None
    return {
        Audience.PERSON: referral.person,
        Audience.REFERRER: referral.referrer if referral.referrer_follows or not of_the_support else None,
        Audience.LINK_WORKER: referral.link_worker,
    }[about.audience]


def wanted(about: About, known: Known) -> tuple[ContactAt, ...]:
    """Every contact the message needs: whom it goes to and, when it names the link worker, theirs."""
    if known.referral is None:
        return ()
    to = recipient(about, known.referral, known.activity)
    names = about.occasion is Occasion.REFERRAL_ALLOCATED and about.audience is not Audience.LINK_WORKER
    worker = known.referral.link_worker if names else None
    return tuple(one for one in (to, worker) if one)


def _missing(about: About, known: Known) -> Missing | None:
    if known.referral is None:
        return Missing(Waiting.REFERRAL, about.referral_id)
    if about.request_id and known.request is None:
        return Missing(Waiting.REQUEST, about.request_id)
    if about.activity_id and known.activity is None:
        return Missing(Waiting.LISTING, about.activity_id)
    if about.audience is Audience.LINK_WORKER and known.referral.link_worker is None:
        return Missing(Waiting.REFERRAL, about.referral_id)
    for one in wanted(about, known):
        held = known.contacts.get(one.contact_id)
        if held is None or not held.arrived(one):
            return Missing(Waiting.CONTACT, one.contact_id)
    return None


def matter_of(about: About, known: Known) -> Matter:
    """The facts a message to this audience may draw on: a provider's never hold the referral's reference."""
    referral, request, activity = known.referral, known.request, known.activity
    worker = known.contacts.get(referral.link_worker.contact_id) if referral and referral.link_worker else None
    own = about.audience is not Audience.PROVIDER
    return Matter(
        reference=referral.reference if referral and own else "",
        request=request.reference if request else "",
        need=request.need if request else "",
        activity=activity.name if activity else "",
        answer_by=request.answer_by if request else None,
        link_worker=worker.full_name if worker and own else "",
        team=known.team,
        base_url=known.base_url,
    )


def prepare(about: About, known: Known) -> Prepared:
    """Whether the message can go, and by which way with which words."""
    missing = _missing(about, known)
    if missing or known.referral is None:
        return missing or Missing(Waiting.REFERRAL, about.referral_id)
    to = recipient(about, known.referral, known.activity)
    if to is None:
        return Withheld.NO_USABLE_WAY if about.audience is Audience.PROVIDER else Nobody()
    contact = known.contacts[to.contact_id]
    way = way_to_reach(contact)
    if isinstance(way, Withheld):
        return way
    matter = matter_of(about, known)
    return Ready(way, contact, words_for(about.occasion, about.audience, matter), matter)
