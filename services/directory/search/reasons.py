"""Why a group stands where it stands in a list, in words."""

from collections.abc import Iterator
from datetime import datetime

from services.directory.domain import capacity, cost
from services.directory.domain.activity import Activity, ListingStatus
from services.directory.domain.geography import distance_in_words
from services.directory.domain.meetings import hour_in_words, next_meeting
from services.directory.domain.needs import NEED_BY_CODE
from services.directory.search.ranking import Hit
from services.directory.search.terms import Terms


def why(hit: Hit, terms: Terms, now: datetime) -> tuple[str, ...]:
    """ "Room for 3, said 2 weeks ago"; "1.2 miles"; "Free"; "Helps with: Feeling lonely"."""
    return tuple(_reasons(hit, terms, now))


def _reasons(hit: Hit, terms: Terms, now: datetime) -> Iterator[str]:
    yield room(hit.activity, now)
    if hit.miles is not None:
        yield distance_in_words(hit.miles)
    elif hit.activity.listing.online:
        yield "Online"
    yield cost.in_words(hit.activity.listing.cost)
    if helped := [NEED_BY_CODE[code].label for code in terms.needs if code in hit.activity.listing.needs]:
        yield f"Helps with: {', '.join(helped)}"


def room(activity: Activity, now: datetime) -> str:
    if activity.listing.status is ListingStatus.CLOSED_FOR_NOW:
        return "Closed for now"
    return capacity.in_words(activity.capacity, now)


def next_time(activity: Activity, now: datetime) -> str:
    """ "Tuesday 24 November at 2pm"; "" when the listing does not say."""
    start = next_meeting(activity.listing.meetings, now)
    if start is None:
        return ""
    day = f"{start:%A} {start.day} {start:%B}"
    return f"{day} at {hour_in_words(start.timetz())}" if start.hour else day
