"""One listing: what, when, where, for whom, for how much, and whether there is room; made to be printed too."""

from dataclasses import dataclass
from datetime import date, datetime

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.directory.domain import accessibility, cost, meetings
from services.directory.domain.activity import Activity, eligibility_in_words
from services.directory.domain.needs import NEED_BY_CODE
from services.directory.finder import Searching
from services.directory.pages.cards import Card, RoomShown
from services.directory.search.reasons import next_time
from services.directory.search.terms import Terms
from services.directory.store.activities import load_activity
from shared.door.caller import Caller
from shared.door.guard import door, public
from shared.runtime.ids import tidy_reference

ALIKE = 3

router = door("directory")


@dataclass(frozen=True, slots=True)
class ListingShown:
    """A listing's facts as lines of text."""

    reference: str
    name: str
    provider: str
    description: str
    room: RoomShown
    withdrawn: bool
    next: str
    when: list[str]
    where: list[list[str]]
    cost: str
    who_for: str
    helps: list[str]
    access: list[str]
    languages: str
    how_to_join: str
    phone: str
    email: str
    url: str
    checked_on: date | None

    @classmethod
    def of(cls, activity: Activity, now: datetime) -> "ListingShown":
        listing = activity.listing
        words = [listing.accessibility_words] if listing.accessibility_words else []
        return cls(
            reference=activity.reference,
            name=listing.name,
            provider=listing.provider.name,
            description=listing.description,
            room=RoomShown.of(activity, now),
            withdrawn=listing.withdrawn,
            next=next_time(activity, now),
            when=[meetings.in_words(meeting) for meeting in listing.meetings],
            where=_where(activity),
            cost=cost.in_words(listing.cost),
            who_for=eligibility_in_words(listing.eligibility),
            helps=[NEED_BY_CODE[code].label for code in listing.needs if code in NEED_BY_CODE],
            access=[*accessibility.in_words(listing.accessibility), *words],
            languages=", ".join(listing.languages),
            how_to_join=listing.how_to_join,
            phone=listing.phone,
            email=listing.email,
            url=listing.url if listing.url.startswith(("https://", "http://")) else "",
            checked_on=listing.assured_on,
        )


def _where(activity: Activity) -> list[list[str]]:
    """The lines of each place, none said twice."""
    places = ([place.name, *place.address, place.postcode] for place in activity.listing.places)
    lines = [list(dict.fromkeys(line for line in place if line)) for place in places]
    return [place for place in lines if place] or ([["Online"]] if activity.listing.online else [])


@router.get("/directory/activities/{reference}", dependencies=[public()], response_class=HTMLResponse)
async def show_listing(reference: str, caller: Caller, searching: Searching) -> Response:
    """A listing; one that is withdrawn says so and names three alike."""
    async with caller.transaction() as tx:
        activity = await load_activity(tx, tidy_reference(reference) or "")
        alike: list[Card] = []
        if activity.listing.withdrawn:
            terms = Terms(needs=activity.listing.needs)
            found = await searching.find(tx, terms, caller.now)
            alike = [Card.of(hit, terms, caller.now) for hit in found.hits[:ALIKE]]
    return caller.page("directory/activity.html", activity=ListingShown.of(activity, caller.now), alike=alike)
