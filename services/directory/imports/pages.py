"""A feed as it is published: a bare list of services in one file, or page after page of an Open Referral UK API."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.directory.imports.fields import whole
from shared.runtime.imports import UnreadableFile

MOST_PAGES = 10_000  # a feed that never says it has ended


@dataclass(frozen=True, slots=True)
class Page:
    """`last` is the number of the feed's last page, 1 for a file that is not paged."""

    services: tuple[object, ...]
    last: int


def read_page(body: bytes) -> Page:
    """Raises UnreadableFile when the body is not JSON, or neither a list of services nor a page of them."""
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("The feed is not JSON.") from error
    if isinstance(content, list):
        return Page(tuple(content), last=1)
    held = _held(content) if isinstance(content, dict) else None
    if not isinstance(content, dict) or held is None:
        raise UnreadableFile("The feed is neither a list of services nor a page with “contents”.")
    return Page(tuple(held), last=whole(content, "total_pages", "totalPages") or 1)


def pages(fetch: Callable[[int], bytes]) -> Iterator[Page]:
    """Each page of a feed; `fetch` is given the page's number, from 1, and answers with its body."""
    number, last = 1, 1
    while number <= last:
        page = read_page(fetch(number))
        last = min(page.last, MOST_PAGES)
        yield page
        number += 1


def _held(content: dict[str, object]) -> list[object] | None:
    for name in ("contents", "content", "services"):
        value = content.get(name)
        if isinstance(value, list):
            return value
    return None
