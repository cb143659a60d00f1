"""What coming costs a person, in pounds and words."""

from dataclasses import dataclass
from enum import StrEnum


class CostKind(StrEnum):
    FREE = "free"
    PAID = "paid"
    NOT_STATED = "not-stated"


@dataclass(frozen=True, slots=True)
class Cost:
    """`pence`: what a person ordinarily pays each time, None when no figure was given; concessions are in `words`."""

    kind: CostKind = CostKind.NOT_STATED
    pence: int | None = None
    words: str = ""


NOT_STATED = Cost()


def in_words(cost: Cost) -> str:
    """ "Free"; "£3.50, first session free"; "Cost not known"."""
    if cost.kind is CostKind.FREE:
        return "Free" if cost.words.casefold() in ("", "free") else f"Free: {cost.words}"
    if cost.pence:
        return f"{pounds(cost.pence)}, {cost.words}" if cost.words else pounds(cost.pence)
    return cost.words or ("There is a charge" if cost.kind is CostKind.PAID else "Cost not known")


def pounds(pence: int) -> str:
    return f"£{pence // 100}" if pence % 100 == 0 else f"£{pence // 100}.{pence % 100:02d}"
