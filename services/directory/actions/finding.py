"""Searching: one index per worker, made from the store and made anew when the store has changed."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from services.directory.domain.activity import Activity
from services.directory.search.index import Entry, Index, build, entry
from services.directory.search.ranking import Hit, rank
from services.directory.search.terms import Search, Terms
from services.directory.store.activities import changed_since
from services.directory.store.postcodes import where_it_lies, where_they_lie
from services.directory.store.revision import revision
from shared.runtime.store import Tx


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that fits, best first. `located` False: a postcode was given and nobody knows where it lies."""

    hits: tuple[Hit, ...]
    located: bool


@dataclass(slots=True)
class Finder:
    """This worker's index, and the revision of the directory that it stands at."""

    index: Index = field(default_factory=lambda: build(()))
    revision: int = -1
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, tx: Tx, terms: Terms, now: datetime) -> Found:
        """`now` decides what room is still believed. What others changed is found as soon as they have committed it."""
        index = await self._current(tx)
        origin = await where_it_lies(tx, terms.postcode) if terms.postcode else None
        hits = rank(index, Search(terms, origin), now)
        return Found(tuple(hits), located=origin is not None or not terms.postcode)

    async def _current(self, tx: Tx) -> Index:
        number = await revision(tx)
        if number == self.revision:
            return self.index
        async with self.turn:
            if number > self.revision:
                self.index = await self._brought_up(tx)
                self.revision = number
            return self.index

    async def _brought_up(self, tx: Tx) -> Index:
        """Where only room was stated, the words stay; anything else is a new index, made beside running requests."""
        held = {each.activity.id: each for each in self.index.entries}
        changed = await changed_since(tx, self.revision)
        if changed and all(_same_words(held.get(each.id), each) for each in changed):
            newer = (Entry(each, held[each.id].points, held[each.id].days, held[each.id].online) for each in changed)
            return self.index.with_entries({each.activity.id: each for each in newer})
        everything = await changed_since(tx, 0)
        postcodes = {place.postcode for each in everything for place in each.listing.places}
        lie = await where_they_lie(tx, postcodes)
        return await asyncio.to_thread(build, [entry(each, lie) for each in everything])


def _same_words(held: Entry | None, changed: Activity) -> bool:
    return held is not None and held.activity.listing == changed.listing
