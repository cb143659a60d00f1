"""Descriptions as people can read them: no HTML, no embedded pictures, paragraphs and list items kept."""

import html
import re

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

UNSEEN = ("script", "style", "img", "svg", "picture", "video", "iframe", "object", "noscript", "template")
BLOCKS = re.compile(
    "address|article|aside|blockquote|br|d[dlt]|div|fig(caption|ure)|footer|form|h[1-6r]|header|main|nav|[ou]l|p|pre"
    "|section|table|tr"
)
# Feeds are written by others: no pattern may look further than a bounded way from where it began.
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--(?:(?!<!--).)*?-->", re.DOTALL)
BARE_ADDRESS = re.compile(
    r"<((?:mailto:|https?://|www\.)?[^\s<>@]{0,200}[@.][^\s<>]{0,300})>"
)  # <a@b.org> is not a tag
DATA_ADDRESS = re.compile(r"data:[a-z]+/[\w.+-]+[^\s\"')]*", re.IGNORECASE)
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b-\x1f\x7f]")


def plain(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word. Stripped until stable: feeds escape their HTML twice."""
    for _ in range(4):
        stripped = _stripped(text)
        if stripped == text:
            break
        text = stripped
    return _shortened(_tidied(text), limit)


def one_line(text: str, limit: int) -> str:
    """For names and other single lines."""
    return _shortened(" ".join(plain(text, limit * 2).split()), limit)


def _stripped(text: str) -> str:
    text = BARE_ADDRESS.sub(r"\1", text)
    if TAG.search(text):
        return DATA_ADDRESS.sub("", _without_tags(text))
    return DATA_ADDRESS.sub("", html.unescape(text))


def _without_tags(text: str) -> str:
    soup = BeautifulSoup(text, "html.parser")
    for unseen in soup(UNSEEN):
        unseen.decompose()
    pieces: list[str] = []
    try:
        _collect(soup, pieces)
    except RecursionError:  # thousands of tags in each other are nobody's layout
        return TAG.sub(" ", text)
    return TAG.sub("", "".join(pieces)) if TAG.search(text) else "".join(pieces)


def _collect(tag: Tag, pieces: list[str]) -> None:
    for child in tag.children:
        if isinstance(child, Tag):
            _collect_tag(child, pieces)
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            pieces.append(re.sub(r"\s+", " ", child))


def _collect_tag(tag: Tag, pieces: list[str]) -> None:
    if tag.name == "li":
        pieces.append("\n- ")
        _collect(tag, pieces)
    elif tag.name in ("td", "th"):
        _collect(tag, pieces)
        pieces.append(" ")
    else:
        edge = ("\n\n" if tag.name == "p" else "\n") if BLOCKS.fullmatch(tag.name) else ""
        pieces.append(edge)
        _collect(tag, pieces)
        pieces.append(edge)


def _tidied(text: str) -> str:
    """One space between words, one empty line between paragraphs, no empty list items."""
    text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    kept = [line for line in lines if line not in ("-", "•", "·")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = max(text.rfind(" ", 0, limit), text.rfind("\n", 0, limit))
    return text[: end if end >= limit // 2 else limit - 1].rstrip(" ,;:-\n") + "…"
