"""A found group as its card shows it: room and its age, distance, next time and cost; then who it is for."""

from dataclasses import dataclass
from datetime import datetime

from services.directory.domain import capacity, cost
from services.directory.domain.activity import EVERYONE, Activity, ListingStatus, eligibility_in_words
from services.directory.domain.geography import distance_in_words
from services.directory.domain.needs import NEED_BY_CODE
from services.directory.search.ranking import Hit
from services.directory.search.reasons import next_time
from services.directory.search.terms import Terms


@dataclass(frozen=True, slots=True)
class RoomShown:
    """A state of the vocabulary (`thing`, `key`) and the words beside it."""

    thing: str
    key: str
    words: str

    @classmethod
    def of(cls, activity: Activity, now: datetime) -> "RoomShown":
        if activity.listing.withdrawn:
            return cls("listing", "withdrawn", "")
        if activity.listing.status is ListingStatus.CLOSED_FOR_NOW:
            return cls("listing", "temporarily_closed", "")
        shown, words = capacity.believed(activity.capacity, now), capacity.beside_its_tag(activity.capacity, now)
        return cls("room", shown, words)


@dataclass(frozen=True, slots=True)
class Card:
    """`facts` are short texts; `may_ask` False: nobody there answers requests, so the person can only be told of it."""

    reference: str
    name: str
    provider: str
    room: RoomShown
    facts: tuple[str, ...]
    fit: str
    helps: str
    may_ask: bool

    @classmethod
    def of(cls, hit: Hit, terms: Terms, now: datetime) -> "Card":
        activity, listing = hit.activity, hit.activity.listing
        far = distance_in_words(hit.miles) if hit.miles is not None else "Online" if listing.online else ""
        facts = (far, next_time(activity, now), cost.in_words(listing.cost))
        helped = [NEED_BY_CODE[code].label for code in terms.needs if code in listing.needs]
        return cls(
            reference=activity.reference,
            name=listing.name,
            provider=listing.provider.name,
            room=RoomShown.of(activity, now),
            facts=tuple(fact for fact in facts if fact),
            fit=eligibility_in_words(listing.eligibility) if listing.eligibility != EVERYONE else "",
            helps=", ".join(helped),
            may_ask=bool(listing.provider.id) and listing.status is ListingStatus.ACTIVE,
        )
