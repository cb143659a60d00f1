"""What a link worker did on one case, act after act, by the service's own actions with the clock of that day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from pydantic import BaseModel

from deploy.embedded.living.acts import (
    Act,
    Asked,
    Booked,
    Called,
    Closed,
    FoundNothing,
    Measured,
    Met,
    Planned,
    Signposted,
    TookBack,
)
from services.referral.actions.closing import close_case
from services.referral.actions.contact_attempts import record_contact
from services.referral.actions.outcomes import record_outcome
from services.referral.actions.plan import agree_plan
from services.referral.actions.prescriptions import note_unmet_need, prescribe, signpost, withdraw
from services.referral.actions.sessions import book_session, record_session
from services.referral.domain.fit import Answer, fit
from services.referral.domain.intake import Request
from services.referral.domain.owed import london_day
from services.referral.domain.prescriptions import WithdrawalReason
from services.referral.store.request_rows import ActivityRow
from services.referral.store.requests import offer_of
from shared.runtime.store import Tx


class Sent(BaseModel):
    """A request that went to a provider."""

    id: UUID
    reference: str
    activity: UUID
    provider: str
    answer_by: datetime


@dataclass(frozen=True, slots=True)
class Offers:
    """The activities that may be asked for; the groups that are best known stand first."""

    activities: Sequence[ActivityRow]

    @classmethod
    def of(cls, rows: Sequence[ActivityRow], providers: Mapping[str, object]) -> "Offers":
        """`providers` in the order of how well they are known; others are not asked."""
        known = {provider: place for place, provider in enumerate(providers)}
        usable = [row for row in rows if row.status == "active" and row.provider_id in known]
        return cls(sorted(usable, key=lambda row: (known[row.provider_id], str(row.id))))

    def pick(self, request: Request, day: date, pick: float, asked: set[UUID]) -> ActivityRow:
        """What fits one of the person's reasons, main ones first, and their age; anything that fits their age else."""
        able = [
            row
            for row in self.activities
            if row.id not in asked and fit(offer_of(row), request.person, day).meets_rules is not Answer.NO
        ]
        for reason in request.reasons:
            if found := [row for row in able if reason in row.needs]:
                return found[min(int(pick * len(found)), len(found) - 1)]
        return able[min(int(pick * len(able)), len(able) - 1)]


@dataclass
class Work:
    """One case while its acts are done; `sent` grows with what is asked for."""

    tx: Tx
    reference: str
    request: Request
    offers: Offers
    sent: list[Sent]

    async def do(self, act: Act) -> None:
        """One act, at its own time."""
        match act:
            case Called() | Met() | Booked():
                await self._contact(act)
            case Planned() | Measured():
                await self._agree(act)
            case Asked() | Signposted() | FoundNothing() | TookBack():
                await self._onward(act)
            case Closed(at, reason, words):
                done = partial(close_case, reason=reason, words=words, confirmed=True, expected=None)
                await done(self.tx, self.reference, now=at)

    async def _contact(self, act: Called | Met | Booked) -> None:
        tx, case = self.tx, self.reference
        match act:
            case Called(at, mode, outcome, note):
                await record_contact(tx, case, mode=mode, outcome=outcome, at=at, note=note, now=at)
            case Met(at, happened, mode, note):
                went = partial(record_session, number=None, happened=happened, mode=mode, note=note, then=None)
                await went(tx, case, at=at, now=at)
            case Booked(at, booking):
                await book_session(tx, case, booking, at)

    async def _agree(self, act: Planned | Measured) -> None:
        tx, case, day = self.tx, self.reference, london_day(act.at)
        match act:
            case Planned(at, goals, what_matters, strengths):
                agreed = partial(agree_plan, goals=goals, what_matters=what_matters, strengths=strengths)
                await agreed(tx, case, agreed_on=day, expected=None, now=at)
            case Measured(at, stage, answers, skipped):
                await record_outcome(tx, case, stage=stage, on=day, answers=answers, skip_reason=skipped, now=at)

    async def _onward(self, act: Asked | Signposted | FoundNothing | TookBack) -> None:
        tx, case = self.tx, self.reference
        match act:
            case Asked(at, pick):
                await self._ask(at, pick)
            case Signposted(at, pick):
                await signpost(tx, case, self._fitting(at, pick), at)
            case FoundNothing(at, cause):
                await note_unmet_need(tx, case, self.request.reasons[0].group, cause, at)
            case TookBack(at):
                why = WithdrawalReason.DECLINED_BY_PERSON
                await withdraw(tx, case, self.sent[-1].reference, why, expected=None, now=at)

    def _fitting(self, at: datetime, pick: float) -> ActivityRow:
        return self.offers.pick(self.request, london_day(at), pick, {each.activity for each in self.sent})

    async def _ask(self, at: datetime, pick: float) -> None:
        activity = self._fitting(at, pick)
        asked = await prescribe(self.tx, self.reference, activity, agreed=True, answer_by=None, now=at)
        sent = Sent(
            id=asked.id,
            reference=asked.reference,
            activity=activity.id,
            provider=activity.provider_id,
            answer_by=asked.answer_by,
        )
        self.sent.append(sent)
