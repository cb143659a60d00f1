"""The link worker's day and what is recorded on a case, for programs."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

from services.referral.actions.closing import close_case
from services.referral.actions.contact_attempts import record_contact
from services.referral.actions.outcomes import record_outcome
from services.referral.actions.plan import agree_plan
from services.referral.actions.sessions import book_session, record_session
from services.referral.actions.today import load_day
from services.referral.api.case_bodies import (
    BookingIn,
    CaseOut,
    ClosureIn,
    ContactAttemptIn,
    DayOut,
    OutcomeIn,
    OutcomeOut,
    PlanIn,
    PlanOut,
    SessionIn,
    SessionOut,
)
from services.referral.api.moments import moment_of
from services.referral.domain.outcomes import Ons4Item, Outcome, band
from services.referral.domain.owed import london_day
from shared.door.caller import Caller, CallerAtDoor
from shared.door.guard import allow, door
from shared.door.once import Answer, fingerprint, once
from shared.runtime.actor import Role
from shared.runtime.store import Tx

router = door("referral")
IdempotencyKey = Annotated[str | None, Header()]
CASE = "/referral/api/referrals/{reference}"
WORKERS = allow(Role.LINK_WORKER, Role.TEAM_LEAD)


async def done_once(
    caller: CallerAtDoor, key: str | None, body: BaseModel, act: Callable[[Tx], Awaitable[BaseModel]]
) -> Response:
    """Act in a transaction of the caller's, once for a key, a path and a body; 201 with what the act gives."""
    async with caller.transaction() as tx:

        async def answered() -> Answer:
            return Answer.of(await act(tx))

        stamp = fingerprint(body) + caller.request.url.path.encode()
        answer = await once(tx, key, stamp, answered)
    return caller.answer(answer)


@router.get("/referral/api/today", dependencies=[WORKERS])
async def read_the_day(caller: Caller) -> DayOut:
    """What is owed by the caller today."""
    async with caller.transaction() as tx:
        return DayOut.of(await load_day(tx, caller.now))


@router.post(f"{CASE}/contact-attempts", status_code=201, response_model=CaseOut, dependencies=[WORKERS])
async def record_a_contact(
    reference: str, body: ContactAttemptIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Record an attempt to reach the person."""

    async def act(tx: Tx) -> BaseModel:
        at = body.at or caller.now
        return CaseOut.of(
            await record_contact(
                tx, reference, mode=body.mode, outcome=body.outcome, at=at, note=body.note, now=caller.now
            )
        )

    return await done_once(caller, idempotency_key, body, act)


@router.post(f"{CASE}/sessions", status_code=201, response_model=SessionOut, dependencies=[WORKERS])
async def record_a_session(
    reference: str, body: SessionIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Record how a session went, and book the next when given. At most 12 take place."""

    async def act(tx: Tx) -> BaseModel:
        session = await record_session(
            tx,
            reference,
            number=body.number,
            happened=body.happened,
            at=moment_of(body.on, caller.now),
            mode=body.mode,
            note=body.note,
            then=body.next.booking() if body.next else None,
            now=caller.now,
        )
        return SessionOut.of(session)

    return await done_once(caller, idempotency_key, body, act)


@router.post(f"{CASE}/bookings", status_code=201, response_model=SessionOut, dependencies=[WORKERS])
async def book_a_session(
    reference: str, body: BookingIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Book the next session."""

    async def act(tx: Tx) -> BaseModel:
        return SessionOut.of(await book_session(tx, reference, body.booking(), caller.now))

    return await done_once(caller, idempotency_key, body, act)


@router.post(f"{CASE}/plan", status_code=201, response_model=PlanOut, dependencies=[WORKERS])
async def agree_a_plan(
    reference: str, body: PlanIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Record the plan the person agreed; each is a new version."""

    async def act(tx: Tx) -> BaseModel:
        plan = await agree_plan(
            tx,
            reference,
            goals=tuple(each.goal() for each in body.goals),
            what_matters=body.what_matters,
            strengths=body.strengths,
            agreed_on=body.agreed_on or london_day(caller.now),
            expected=body.version,
            now=caller.now,
        )
        return PlanOut(version=plan.version, agreed_on=plan.agreed_on)

    return await done_once(caller, idempotency_key, body, act)


@router.post(f"{CASE}/outcomes", status_code=201, response_model=OutcomeOut, dependencies=[WORKERS])
async def record_an_outcome(
    reference: str, body: OutcomeIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Record the four ONS personal well-being answers, or why they were not asked."""

    async def act(tx: Tx) -> BaseModel:
        outcome = await record_outcome(
            tx,
            reference,
            stage=body.stage,
            on=body.on or london_day(caller.now),
            answers=body.answers.ons4() if body.answers else None,
            skip_reason=body.skip_reason,
            now=caller.now,
        )
        return OutcomeOut(stage=outcome.stage, on=outcome.on, bands=_bands(outcome))

    return await done_once(caller, idempotency_key, body, act)


def _bands(outcome: Outcome) -> dict[str, str]:
    given = outcome.answers
    return {str(item): str(band(item, given.answer(item))) for item in Ons4Item} if given else {}


@router.post(f"{CASE}/closure", status_code=201, response_model=CaseOut, dependencies=[WORKERS])
async def close_a_case(
    reference: str, body: ClosureIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Close the case; refused while requests are open unless confirmed."""

    async def act(tx: Tx) -> BaseModel:
        closed = await close_case(
            tx,
            reference,
            reason=body.reason,
            words=body.words,
            confirmed=body.confirmed,
            expected=body.version,
            now=caller.now,
        )
        return CaseOut.of(closed)

    return await done_once(caller, idempotency_key, body, act)
