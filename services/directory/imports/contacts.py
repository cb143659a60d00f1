"""How a provider can be reached, when what the feed gives can be used at all."""

import re
from urllib.parse import urlsplit

EMAIL = re.compile(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]{1,255}\.[A-Za-z]{2,24}")
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


def usable_email(text: str) -> str:
    """The first address in the field, "" when there is none."""
    found = EMAIL.search(text)
    return found.group() if found else ""


def usable_phone(text: str) -> str:
    """The field as it is, words and all, when it has at least the digits of a short number."""
    tidy = " ".join(text.split())
    return tidy if sum(c.isdigit() for c in tidy) >= 5 and len(tidy) <= 60 else ""


def usable_url(text: str) -> str:
    """An http or https address; `www.group.org` gets its https. "" for what is neither."""
    tidy = text.strip()
    if not re.match(r"[a-z]+:", tidy, re.IGNORECASE):
        tidy = f"https://{tidy}"
    try:
        parts = urlsplit(tidy)
        host = parts.hostname or ""
    except ValueError:
        return ""
    usable = parts.scheme.lower() in ("http", "https") and HOST.fullmatch(host) and not re.search(r"\s", tidy)
    return tidy if usable and len(tidy) <= 500 else ""
