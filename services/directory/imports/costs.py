"""What an activity costs the person, as far as its listing says."""

import re
from decimal import Decimal, InvalidOperation

from services.directory.imports.fields import Node, nodes, text
from services.directory.imports.listing import Cost, CostKind
from services.directory.imports.plain_text import one_line, plain

FREE = re.compile(r"(it.?s |this is |all )?(completely |totally )?free\b(?! to )|no (charge|cost|fee)s?\b|none\b", re.I)
POUNDS = re.compile(r"£\s*(\d+(?:\.\d{1,2})?)")


def cost(service: Node) -> Cost:
    """Free only when every price is nought, or when the words begin by saying so and name no price."""
    options = nodes(service, "cost_options")
    words = "; ".join(dict.fromkeys(w for option in options if (w := _option_words(option))))
    words = words or plain(text(service, "fees_description", "fees"), 500)
    pence = [p for option in options if (p := _pence(option)) is not None]
    if any(pence):
        return Cost(CostKind.PAID, next(p for p in pence if p), words)
    if pence or (FREE.match(words) and not POUNDS.search(words)):
        return Cost(CostKind.FREE, 0, words)
    priced = POUNDS.search(words)
    if priced:
        return Cost(CostKind.PAID, int(Decimal(priced[1]) * 100), words)
    return Cost(CostKind.NOT_STATED, None, words)


def _option_words(option: Node) -> str:
    about = [text(option, "option"), text(option, "amount_description", "cost_description")]
    return one_line(": ".join(dict.fromkeys(part for part in about if part)), 300)


def _pence(option: Node) -> int | None:
    """Pounds in the feed; another currency is left to the words."""
    if text(option, "currency").upper() not in ("", "GBP", "£"):
        return None
    try:
        amount = Decimal(text(option, "amount").replace("£", "").strip())
    except InvalidOperation:
        return None
    return int(amount * 100) if amount.is_finite() and 0 <= amount < 10_000 else None
