"""A feed as it arrives: a bare list of services, or a page that holds all of them."""

import json

from services.directory.imports.fields import whole
from shared.runtime.imports import UnreadableFile


def read_services(body: bytes) -> list[object]:
    """The services of a whole feed, 1.x or 3.0.

    Raises UnreadableFile when the body is not JSON, neither a list nor a page, or one page of several.
    """
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("The feed is not JSON.") from error
    if isinstance(content, list):
        return content
    held = _held(content) if isinstance(content, dict) else None
    if not isinstance(content, dict) or held is None:
        raise UnreadableFile("The feed is neither a list of services nor a page with “contents”.")
    if (whole(content, "total_pages", "totalPages") or 1) > 1:
        raise UnreadableFile("The feed is not whole: this is one page of several. Give the feed's address instead.")
    return held


def _held(content: dict[str, object]) -> list[object] | None:
    for name in ("contents", "content", "services"):
        value = content.get(name)
        if isinstance(value, list):
            return value
    return None
