"""Find a group: for anyone, and for a link worker who is choosing for a case."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.directory.actions.finding import Found
from services.directory.domain.accessibility import ACCESSIBILITY
from services.directory.domain.meetings import Day
from services.directory.domain.needs import GROUP_WORDS, NEED_BY_CODE, NEEDS, NeedGroup
from services.directory.finder import Searching
from services.directory.pages.cards import Card
from services.directory.pages.typed_terms import read_terms
from services.directory.search.terms import Terms
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Typed, whole_number
from shared.door.guard import door, public
from shared.runtime.actor import Role
from shared.runtime.ids import tidy_reference

PAGE = 20
MILES = ("1", "2", "3", "5", "10", "20")
IN_ADDRESS = ("words", "needs")  # nothing that may be somebody's own stands in an address

router = door("directory")


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found. `more`: the fields of the same search, a page further on; empty at the end."""

    cards: Sequence[Card]
    total: int
    located: bool
    more: Sequence[tuple[str, str]]


@router.get("/directory/search", dependencies=[public()], response_class=HTMLResponse)
async def find_a_group(caller: Caller, searching: Searching) -> Response:
    """An empty form; or, for links from elsewhere, what words or needs in the address find."""
    asked = caller.request.query_params
    typed = Typed({name: asked.getlist(name) for name in IN_ADDRESS if name in asked})
    if not any(any(values) for values in typed.values()):
        return _page(caller, typed, Terms(), None, {})
    return await _searched(caller, searching, typed)


@router.post("/directory/search", dependencies=[public()], response_class=HTMLResponse)
async def search_for_a_group(caller: Caller, searching: Searching) -> Response:
    """A search on somebody's behalf: its terms travel in the body, and nothing is kept."""
    form = await caller.form()
    return await _searched(caller, searching, form.typed)


async def _searched(caller: CallerAtDoor, searching: Searching, typed: Typed) -> Response:
    terms, errors = read_terms(typed)
    if errors:
        return _page(caller, typed, terms, None, errors)
    async with caller.transaction() as tx:
        found = await searching.find(tx, terms, caller.now)
    return _page(caller, typed, terms, _results(caller, typed, terms, found), {})


def _results(caller: CallerAtDoor, typed: Typed, terms: Terms, found: Found) -> Results:
    begin = whole_number(typed.text("cursor")) or 0
    same = [(name, value) for name in typed for value in typed.texts(name) if name != "cursor" and value]
    more = [*same, ("cursor", str(begin + PAGE))] if begin + PAGE < len(found.hits) else []
    cards = [Card.of(hit, terms, caller.now) for hit in found.hits[begin : begin + PAGE]]
    return Results(cards, len(found.hits), found.located, more)


def _page(
    caller: CallerAtDoor, typed: Typed, terms: Terms, results: Results | None, errors: Mapping[str, str]
) -> Response:
    chooses = caller.actor.may(Role.LINK_WORKER, Role.TEAM_LEAD)
    return caller.page(
        "directory/search.html",
        errors=errors,
        typed=typed,
        results=results,
        narrowed=list(_narrowed(terms)),
        choosing=(tidy_reference(typed.text("choosing")) or "") if chooses else "",
        need_groups=NEED_GROUPS,
        days=[(day.value, day.words) for day in Day],
        access=list(ACCESSIBILITY.items()),
        miles=MILES,
    )


def _narrowed(terms: Terms) -> Iterator[str]:
    """What narrows a search beside words and place, said where it is seen without opening the list of choices."""
    yield from (NEED_BY_CODE[code].label for code in terms.needs)
    yield from (day.words for day in Day if day in terms.days)
    if terms.free:
        yield "Free"
    yield from (words for code, words in ACCESSIBILITY.items() if code in terms.accessibility)
    yield from terms.languages
    if terms.age is not None:
        yield f"Age {terms.age}"


def _need_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Needs by group as a form offers them; those that are withheld from topics may well be looked for."""
    words = {**GROUP_WORDS, NeedGroup.WITHHELD: "Health, safety and other needs"}
    return [(words[group], [(n.code, n.label) for n in NEEDS if n.group is group]) for group in NeedGroup]


NEED_GROUPS = _need_groups()
