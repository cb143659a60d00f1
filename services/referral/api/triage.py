"""A team lead's queue and decisions, for programs."""

from typing import Annotated

from fastapi import Header, Response

from services.referral.actions.allocation import Decided, allocate, decline
from services.referral.api.bodies import AllocationIn, DeclineIn, QueueOut, QueueRowOut, ReferralOut
from services.referral.store.network import names_of
from services.referral.store.queue import waiting
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.once import Answer, fingerprint, once
from shared.door.problems import Invalid
from shared.runtime.actor import Role

router = door("referral")
IdempotencyKey = Annotated[str | None, Header()]


@router.get("/referral/api/queue", dependencies=[allow(Role.TEAM_LEAD)])
async def read_the_queue(caller: Caller, after: str | None = None) -> QueueOut:
    """What waits in the caller's networks and in the borough queue: urgent first, then longest waiting."""
    async with caller.transaction() as tx:
        page = await waiting(tx, after)
        names = await names_of(tx, {row.referral.practice for row in page.rows})
    rows = [
        QueueRowOut(
            referral=ReferralOut.of(row.referral),
            name=row.person.details.name,
            reasons=[str(reason) for reason in row.referral.reasons],
            practice_name=names.get(row.referral.practice or ""),
        )
        for row in page.rows
    ]
    return QueueOut(rows=rows, total=page.total, next=page.next)


@router.post(
    "/referral/api/referrals/{reference}/allocation", response_model=ReferralOut, dependencies=[allow(Role.TEAM_LEAD)]
)
async def allocate_a_referral(
    reference: str, body: AllocationIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Accept and allocate in one step: to the link worker named, or to the least loaded when asked."""
    if bool(body.link_worker) == body.least_loaded:
        raise Invalid("Name a link worker, or ask for the least loaded.", fields={"link_worker": "Give one of the two"})
    async with caller.transaction() as tx:

        async def act() -> Answer:
            decided = await allocate(tx, reference, body.link_worker, caller.now, expected=body.version)
            return _answer(decided)

        answer = await once(tx, idempotency_key, fingerprint(body) + reference.encode(), act)
    return caller.answer(answer)


@router.post(
    "/referral/api/referrals/{reference}/decline", response_model=ReferralOut, dependencies=[allow(Role.TEAM_LEAD)]
)
async def decline_a_referral(
    reference: str, body: DeclineIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Say that the team cannot take it, and why."""
    async with caller.transaction() as tx:

        async def act() -> Answer:
            return _answer(await decline(tx, reference, body.reason, body.words, caller.now, expected=body.version))

        answer = await once(tx, idempotency_key, fingerprint(body) + reference.encode(), act)
    return caller.answer(answer)


def _answer(decided: Decided) -> Answer:
    return Answer.of(ReferralOut.of(decided.referral, decided.link_worker_name), 200)
