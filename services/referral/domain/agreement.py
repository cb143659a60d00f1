"""Who agreed to the referral, and on what basis: without one of three there is no referral."""

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    PERSON = "person"
    AUTHORITY = "authority"
    BEST_INTERESTS = "best-interests"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The person themself; someone with authority for them (`by`: who and in what right); or a best-interests
    decision (`reason`)."""

    basis: Basis
    by: str = ""
    reason: str = ""


def problems(agreement: Agreement | None) -> dict[str, str]:
    """What is missing, by field; nothing when the agreement stands."""
    if agreement is None:
        return {"agreement": "Say who agreed to this referral"}
    if agreement.basis is Basis.AUTHORITY and not agreement.by.strip():
        return {"agreement_by": "Enter who agreed and in what right, for example daughter with power of attorney"}
    if agreement.basis is Basis.BEST_INTERESTS and not agreement.reason.strip():
        return {"agreement_reason": "Enter why the referral is in the person's best interests"}
    return {}
