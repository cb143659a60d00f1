"""A case that a link worker carries: what may be done on it, and when it becomes active."""

from dataclasses import replace

from services.referral.domain.referral import CARRIED, NotOpen, Referral, Status


def carried(referral: Referral) -> Referral:
    """The referral, if a link worker carries it. Raises NotOpen."""
    if referral.status not in CARRIED:
        raise NotOpen("This is not an open case, so nothing can be recorded on it.")
    return referral


def activated(referral: Referral) -> Referral:
    """The first contact or session makes a case active; later ones leave it so."""
    return replace(carried(referral), status=Status.ACTIVE)
