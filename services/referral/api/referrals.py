"""Making and reading referrals, for programs: a practice's system, or a public page elsewhere."""

from typing import Annotated

from fastapi import Header, Response

from services.referral.actions.intake import SELF_REFERRAL_S, make_referral, refer_self
from services.referral.actions.keys import keys_from
from services.referral.api.answers import refusals_in_words
from services.referral.api.bodies import ReferralIn, ReferralOut, SelfReferralIn, SelfReferralOut
from services.referral.store.network import staff_names
from services.referral.store.referrals import load_referral
from shared.door.caller import Caller
from shared.door.direct import DirectRoute
from shared.door.evenly import evenly
from shared.door.guard import allow, door, public
from shared.door.once import Answer, fingerprint, once
from shared.runtime.actor import Role
from shared.runtime.clock import LONDON

router, intake = door("referral"), door("referral", DirectRoute)
IdempotencyKey = Annotated[str | None, Header()]


@intake.post(
    "/referral/api/referrals", status_code=201, response_model=ReferralOut, dependencies=[allow(Role.REFERRER)]
)
async def make_a_referral(body: ReferralIn, caller: Caller, idempotency_key: IdempotencyKey = None) -> Response:
    """Refer a person. With an `Idempotency-Key`, sending it twice makes one referral."""
    today = caller.now.astimezone(LONDON).date()
    with refusals_in_words():
        async with caller.bare() as tx:

            async def make() -> Answer:
                made = await make_referral(tx, body.asked(today), keys_from(caller.settings), caller.now)
                return Answer.of(ReferralOut.of(made))

            answer = await once(tx, idempotency_key, fingerprint(body), make)
    return caller.answer(answer)


@router.post("/referral/api/self-referrals", status_code=202, response_model=SelfReferralOut, dependencies=[public()])
async def refer_oneself(body: SelfReferralIn, caller: Caller, idempotency_key: IdempotencyKey = None) -> Response:
    """Refer oneself, without an account. The answer is the same whether the person is known or not."""
    with refusals_in_words():
        async with evenly(SELF_REFERRAL_S), caller.transaction() as tx:

            async def make() -> Answer:
                await refer_self(tx, body.request(), keys_from(caller.settings), caller.now)
                return Answer.of(SelfReferralOut(), 202)

            answer = await once(tx, idempotency_key, fingerprint(body), make)
    return caller.answer(answer)


@router.get(
    "/referral/api/referrals/{reference}",
    dependencies=[allow(Role.REFERRER, Role.LINK_WORKER, Role.TEAM_LEAD)],
)
async def read_a_referral(reference: str, caller: Caller) -> ReferralOut:
    """Where a referral stands and who owes the next move."""
    async with caller.transaction() as tx:
        referral = await load_referral(tx, reference)
        names = await staff_names(tx, [referral.link_worker])
    return ReferralOut.of(referral, names.get(referral.link_worker or "", ""))
