"""Asking groups for places, signposting, and needs that nothing meets, for programs."""

from datetime import date, datetime

from fastapi import Response
from pydantic import BaseModel

from services.referral.actions.prescriptions import find_request, note_unmet_need, prescribe, signpost, withdraw
from services.referral.api.case_bodies import (
    CountedOut,
    PrescriptionIn,
    PrescriptionOut,
    PrescriptionsOut,
    SignpostIn,
    UnmetNeedIn,
    WithdrawalIn,
)
from services.referral.api.cases import CASE, WORKERS, IdempotencyKey, done_once
from services.referral.store.cases import load_case
from services.referral.store.requests import load_activity, load_prescriptions
from shared.door.caller import Caller
from shared.door.guard import door
from shared.runtime.clock import end_of_day
from shared.runtime.store import Tx

router = door("referral")


def _until(given: datetime | date | None) -> datetime | None:
    return given if given is None or isinstance(given, datetime) else end_of_day(given)


@router.post(f"{CASE}/prescriptions", status_code=201, response_model=PrescriptionOut, dependencies=[WORKERS])
async def ask_for_a_place(
    reference: str, body: PrescriptionIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Ask a group for a place, under a reference of its own."""

    async def act(tx: Tx) -> BaseModel:
        activity = await load_activity(tx, body.activity)
        agreed, until = body.person_agreed, _until(body.answer_by)
        return PrescriptionOut.of(
            await prescribe(tx, reference, activity, agreed=agreed, answer_by=until, now=caller.now)
        )

    return await done_once(caller, idempotency_key, body, act)


@router.get(f"{CASE}/prescriptions", dependencies=[WORKERS])
async def read_requests(reference: str, caller: Caller) -> PrescriptionsOut:
    """The case's requests for places, latest first, with where each stands and who owes the next move."""
    async with caller.transaction() as tx:
        referral = await load_case(tx, reference)
        found = await load_prescriptions(tx, referral.id)
    return PrescriptionsOut(prescriptions=[PrescriptionOut.of(each) for each in found])


@router.post(
    f"{CASE}/prescriptions/{{request}}/withdrawal",
    status_code=201,
    response_model=PrescriptionOut,
    dependencies=[WORKERS],
)
async def take_a_request_back(
    reference: str, request: str, body: WithdrawalIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Take a request back that has not ended."""

    async def act(tx: Tx) -> BaseModel:
        await withdraw(tx, reference, request, body.reason, expected=body.version, now=caller.now)
        referral = await load_case(tx, reference)
        return PrescriptionOut.of(await find_request(tx, referral, request))

    return await done_once(caller, idempotency_key, body, act)


@router.post(f"{CASE}/signposts", status_code=201, response_model=CountedOut, dependencies=[WORKERS])
async def signpost_an_activity(
    reference: str, body: SignpostIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Count that the person was told of an activity; nobody is asked."""

    async def act(tx: Tx) -> BaseModel:
        await signpost(tx, reference, await load_activity(tx, body.activity), caller.now)
        return CountedOut()

    return await done_once(caller, idempotency_key, body, act)


@router.post(f"{CASE}/unmet-needs", status_code=201, response_model=CountedOut, dependencies=[WORKERS])
async def record_an_unmet_need(
    reference: str, body: UnmetNeedIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Record that the community had nothing that fits."""

    async def act(tx: Tx) -> BaseModel:
        referral = await load_case(tx, reference)
        group = body.reason_group or referral.reasons[0].group
        await note_unmet_need(tx, reference, group, body.cause, caller.now)
        return CountedOut()

    return await done_once(caller, idempotency_key, body, act)
