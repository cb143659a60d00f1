"""Names and addresses that came in capitals, as people write them: "St John's Surgery", "Stanford-le-Hope"."""

import re

KEPT = re.compile("NHS|GPS?|PCN|CCG|ICB|A?PMS|GMS|OOH|UK|IAPT|CDAS|MSK|ASOP|I{2,3}|IV")
SMALL = re.compile("an|and|at|by|for|in|l[ae]|of|on|or|the|to|under|upon|with")
SHORTENED = re.compile("st|drs?|mrs?|ms|rd|ave|ln|ctre?|ltd|hse|hosp|comm|cty|mt|sq")
INITIALS = re.compile(r"^DRS? .*\b([A-Z]{2}) PRACTICE$")  # "DR DESHPANDE AM PRACTICE"
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")


def sensible_case(text: str) -> str:
    """Title case for what is all capitals; anything already in mixed case is left as its owner wrote it."""
    tidy = " ".join(re.sub(r",(?=\S)", ", ", text).split())
    if tidy != tidy.upper():
        return tidy
    initials = INITIALS.search(tidy)
    kept = initials.span(1) if initials else None

    def cased(found: re.Match[str]) -> str:
        if found.span() == kept:
            return found.group()
        return _word(found.group(), first=not any(c.isalpha() for c in tidy[: found.start()]))

    return WORD.sub(cased, tidy)


def _word(word: str, *, first: bool) -> str:
    lower = word.lower()
    if KEPT.fullmatch(word) or any(c.isdigit() for c in word):
        return word
    if SMALL.fullmatch(lower) and not first:
        return lower
    if not SHORTENED.fullmatch(lower) and len(word) <= 4 and not re.search(r"[aeiouy']", lower):
        return word
    return _capitalised(lower)


def _capitalised(lower: str) -> str:
    """Mc and O' keep their second capital; a possessive keeps its small letter."""
    if lower.startswith("mc") and len(lower) > 4:
        return "Mc" + lower[2:].capitalize()
    parts = lower.split("'")
    return "'".join(part if len(part) == 1 and i > 0 else part.capitalize() for i, part in enumerate(parts))


def tidy_postcode(text: str) -> str:
    """ "rm176aa" -> "RM17 6AA"; "" for what cannot be a postcode."""
    compact = re.sub(r"\s", "", text).upper()
    return f"{compact[:-3]} {compact[-3:]}" if POSTCODE.fullmatch(compact) else ""


def address_lines(cells: list[str]) -> tuple[str, ...]:
    return tuple(sensible_case(cell) for cell in cells if cell.strip())
