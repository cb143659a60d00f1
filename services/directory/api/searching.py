"""Search for programs: public, by POST, so that nothing looked for on somebody's behalf stands in an address."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.directory.actions.finding import Found
from services.directory.api.answers import ActivityOut, RoomOut, tidy
from services.directory.domain import cost
from services.directory.finder import Searching
from services.directory.search.ranking import Hit
from services.directory.search.reasons import next_time, why
from services.directory.search.terms import (
    BadTerm,
    Terms,
    checked_accessibility,
    checked_age,
    checked_days,
    checked_miles,
    checked_needs,
    checked_postcode,
    checked_words,
)
from services.directory.store.activities import load_activity
from shared.door.caller import Caller
from shared.door.guard import door, public
from shared.door.problems import Invalid

PAGE = 20

router = door("directory")
Codes = Annotated[list[str], Field(max_length=50)]


class SearchIn(BaseModel):
    """What is looked for; all of it optional. `cursor` is `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(default="", max_length=200)
    needs: Codes = []
    postcode: str = Field(default="", max_length=20)
    within_miles: float | None = None
    days: Codes = []
    free: bool = False
    accessibility: Codes = []
    languages: Codes = []
    age: int | None = None
    cursor: int = Field(default=0, ge=0)

    def terms(self) -> Terms:
        """Checked. Raises BadTerm."""
        return Terms(
            words=checked_words(self.words),
            needs=checked_needs(self.needs),
            postcode=checked_postcode(self.postcode),
            within_miles=checked_miles(self.within_miles),
            days=checked_days(self.days),
            free=self.free,
            accessibility=checked_accessibility(self.accessibility),
            languages=tuple(self.languages),
            age=checked_age(self.age),
        )


class ResultOut(BaseModel):
    """One activity that was found. `distance_miles` is a straight line; `why` says why it stands where it does."""

    id: UUID
    reference: str
    name: str
    provider: str
    distance_miles: float | None
    room: RoomOut
    next: str
    cost: str
    why: list[str]

    @classmethod
    def of(cls, hit: Hit, terms: Terms, now: datetime) -> "ResultOut":
        activity = hit.activity
        return cls(
            id=activity.id,
            reference=activity.reference,
            name=activity.listing.name,
            provider=activity.listing.provider.name,
            distance_miles=None if hit.miles is None else round(hit.miles, 2),
            room=RoomOut.of(activity, now),
            next=next_time(activity, now),
            cost=cost.in_words(activity.listing.cost),
            why=list(why(hit, terms, now)),
        )


class SearchOut(BaseModel):
    """One page, soonest help first. `located` False: nobody knows where the postcode lies; nothing has a distance."""

    results: list[ResultOut]
    total: int
    located: bool
    next: int | None

    @classmethod
    def of(cls, found: Found, terms: Terms, begin: int, now: datetime) -> "SearchOut":
        page = found.hits[begin : begin + PAGE]
        more = begin + PAGE < len(found.hits)
        return cls(
            results=[ResultOut.of(hit, terms, now) for hit in page],
            total=len(found.hits),
            located=found.located,
            next=begin + PAGE if more else None,
        )


@router.post("/directory/api/search", dependencies=[public()])
async def search_activities(body: SearchIn, caller: Caller, searching: Searching) -> SearchOut:
    """Groups that fit, by words, distance and the chance of room."""
    try:
        terms = body.terms()
    except BadTerm as error:
        raise Invalid("Some of what was searched for cannot be used.", fields={error.field: str(error)}) from error
    async with caller.transaction() as tx:
        found = await searching.find(tx, terms, caller.now)
    return SearchOut.of(found, terms, body.cursor, caller.now)


@router.get("/directory/api/activities/{reference}", dependencies=[public()])
async def show_activity(reference: str, caller: Caller) -> ActivityOut:
    """One listing."""
    async with caller.transaction() as tx:
        return ActivityOut.of(await load_activity(tx, tidy(reference)), caller.now)
