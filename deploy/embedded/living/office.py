"""What referral's people did for one person: refer, decide, and work the case, each act at its own time, and once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel
from sqlmodel import col, select

from deploy.embedded.living.acts import Act, Allocated, Declined, Life
from deploy.embedded.living.case_work import Offers, Sent, Work
from deploy.embedded.living.staff import Staff
from services.referral.actions.allocation import allocate, decline
from services.referral.actions.intake import make_referral, refer_self
from services.referral.actions.keys import Keys
from services.referral.domain.referral import Route
from services.referral.store.rows import ReferralRow
from shared.door.once import Answer, once
from shared.runtime.actor import Actor, person
from shared.runtime.store import Store, Tx

Kept = TypeVar("Kept", bound=BaseModel)


class Made(BaseModel):
    """A referral that was made; `pcn` None: it came to the borough queue."""

    reference: str
    pcn: str | None


class Worked(BaseModel):
    """What was asked of providers in one stretch of a case, in order."""

    sent: list[Sent]


@dataclass(frozen=True, slots=True)
class Case:
    """A referral with the link worker who carries it and what was asked for so far."""

    reference: str
    worker: Actor
    sent: Sequence[Sent]


@dataclass(frozen=True, slots=True)
class Office:
    """Referral's store and keys, and who acts there."""

    store: Store
    keys: Keys
    staff: Staff
    offers: Offers

    async def begin(self, life: Life) -> Case | None:
        """Everything up to what was first asked for; a case, when a link worker carries one."""
        made = await self._once(self._referrer(life), f"made {life.number}", Made, lambda tx: self._make(tx, life))
        pcn = made.pcn or sorted(self.staff.leads)[life.number % len(self.staff.leads)]
        lead, worker = self.staff.leads[pcn], self.staff.worker(pcn, life.number)
        if life.decided is None:
            return None
        await self._once(
            lead, f"decided {life.number}", Made, lambda tx: self._decide(tx, made, life.decided, worker.subject)
        )
        if isinstance(life.decided, Declined):
            return None
        case = Case(made.reference, worker, ())
        return await self._work(case, life, f"worked {life.number}", life.acts)

    async def go_on(self, life: Life, case: Case) -> Case:
        """Everything after the first answers; a case with what was asked for instead."""
        if life.again is not None:
            await self._once(person(), f"again {life.number}", Made, lambda tx: self._write_again(tx, life, case))
        return await self._work(case, life, f"went on {life.number}", life.later)

    def _referrer(self, life: Life) -> Actor:
        if life.request.route is Route.SELF:
            return person()
        return self.staff.referrers[life.request.practice or ""]

    async def _make(self, tx: Tx, life: Life) -> Made:
        if life.request.route is Route.SELF:
            await refer_self(tx, life.request, self.keys, life.made_at)
        else:
            await make_referral(tx, life.request, self.keys, life.made_at)
        # Who refers themself is told no reference; the moment finds it, which no two people share.
        row = (await tx.session.exec(select(ReferralRow).where(col(ReferralRow.made_at) == life.made_at))).one()
        return Made(reference=row.reference, pcn=row.pcn)

    async def _decide(self, tx: Tx, made: Made, decided: Allocated | Declined | None, worker: str) -> Made:
        if isinstance(decided, Declined):
            await decline(tx, made.reference, decided.reason, decided.words, decided.at)
        elif decided is not None:
            await allocate(tx, made.reference, worker, decided.at)
        return made

    async def _write_again(self, tx: Tx, life: Life, case: Case) -> Made:
        assert life.again is not None
        await refer_self(tx, life.request, self.keys, life.again)
        return Made(reference=case.reference, pcn=None)

    async def _work(self, case: Case, life: Life, key: str, acts: Sequence[Act]) -> Case:
        """One stretch of a case, in one transaction."""
        if not acts:
            return Case(case.reference, case.worker, ())

        async def do(tx: Tx) -> Worked:
            work = Work(tx, case.reference, life.request, self.offers, list(case.sent))
            for act in acts:
                await work.do(act)
            return Worked(sent=work.sent[len(case.sent) :])

        worked = await self._once(case.worker, key, Worked, do)
        return Case(case.reference, case.worker, worked.sent)

    async def _once(self, actor: Actor, key: str, kept: type[Kept], do: Callable[[Tx], Awaitable[Kept]]) -> Kept:
        """Done in one transaction; after a crash, what was done is not done again."""
        async with self.store.transaction(actor) as tx:

            async def act() -> Answer:
                return Answer.of(await do(tx))

            answer = await once(tx, f"living {key}", b"", act)
        return kept.model_validate_json(answer.body)
