"""What some events say: what is to be kept of referrals and requests, and what somebody is to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.notifications.domain.preparing import About, Referral, Request
from services.notifications.domain.telling import who_is_told


@dataclass(frozen=True, slots=True)
class Telling:
    """A message to be written down; `correlation` finds the log lines of what it came of."""

    event_id: UUID
    about: About
    pcn: str | None
    at: datetime
    correlation: str


@dataclass(slots=True)
class News:
    """What a batch says, in the order in which it was heard."""

    referrals: list[Referral] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)

    def tell(self, said: Telling, *, attended: bool = True) -> None:
        """Tell everyone who is told of this; the audience of `said` is not looked at."""
        for audience in who_is_told(said.about.occasion, attended=attended):
            self.tellings.append(replace(said, about=replace(said.about, audience=audience)))


def as_kept(held: Mapping[UUID, Referral], said: list[Referral]) -> Mapping[UUID, Referral]:
    """Referrals after all that was said of them: the newest of each, and what it is silent about stays."""
    kept = dict[UUID, Referral]()
    for new in said:
        old = kept.get(new.referral_id) or held.get(new.referral_id)
        kept[new.referral_id] = _over(old, new) if old else new
    return kept


def _over(old: Referral, new: Referral) -> Referral:
    follows = old.referrer_follows if new.referrer_follows is None else new.referrer_follows
    return replace(
        new,
        reference=old.reference,
        pcn=new.pcn or old.pcn,
        referrer=new.referrer or old.referrer,
        link_worker=new.link_worker or old.link_worker,
        referrer_follows=follows,
    )
