"""The providers' desk for programs: requests for places, answers, attendance, how a place ended, and room."""

from collections.abc import Awaitable, Callable
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel, ConfigDict

from services.directory.actions.requests import answer_request, end_place, record_attendance
from services.directory.actions.rooms import state_capacity
from services.directory.api.answers import ActivityOut, RequestOut, tidy
from services.directory.domain import answers
from services.directory.domain.answers import Accept, AskPerson, Decline, Waitlist
from services.directory.domain.capacity import CapacityStatus
from services.directory.domain.request import Attendance, DeclineReason, Outcome, PlaceRequest, RequestState
from services.directory.store.activities import load_activities, load_activity_by_id
from services.directory.store.requests import requests_in
from shared.door.caller import Caller, CallerAtDoor
from shared.door.guard import allow, door
from shared.door.once import Answer, fingerprint, once
from shared.door.problems import Invalid
from shared.runtime.actor import Role
from shared.runtime.store import Tx

router = door("directory")
IdempotencyKey = Annotated[str | None, Header()]


class Said(StrEnum):
    """What a provider can answer."""

    ACCEPT = "accept"
    WAITLIST = "waitlist"
    DECLINE = "decline"
    ASK_PERSON = "ask-person"


class AnswerIn(BaseModel):
    """`first_date` goes with accept, `expected` with waitlist, `reason` with decline. `version`: of what was seen."""

    model_config = ConfigDict(extra="forbid")

    answer: Said
    first_date: date | None = None
    expected: date | None = None
    reason: DeclineReason | None = None
    version: int | None = None

    def said(self) -> answers.Answer:
        """In the domain's terms. Raises Invalid when a decline has no reason."""
        match self.answer:
            case Said.ACCEPT:
                return Accept(self.first_date)
            case Said.WAITLIST:
                return Waitlist(self.expected)
            case Said.ASK_PERSON:
                return AskPerson()
            case Said.DECLINE:
                return Decline(self._reason())

    def _reason(self) -> DeclineReason:
        if self.reason is None:
            raise Invalid("A decline needs its reason.", fields={"reason": "Say why you cannot"})
        return self.reason


class AttendanceIn(BaseModel):
    """Whether the person came, and on which day."""

    model_config = ConfigDict(extra="forbid")

    on: date
    attended: bool
    version: int | None = None


class EndIn(BaseModel):
    """How the person's time with the activity ended. `version`: of what was seen."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    version: int | None = None


class CapacityIn(BaseModel):
    """What the provider says of room now; `places` goes with room alone."""

    model_config = ConfigDict(extra="forbid")

    status: CapacityStatus
    places: int | None = None
    version: int | None = None


class RequestsOut(BaseModel):
    """Everything on the caller's desk, oldest first."""

    requests: list[RequestOut]


@router.get("/directory/api/requests", dependencies=[allow(Role.PROVIDER)])
async def list_requests(caller: Caller) -> RequestsOut:
    """Requests for places with the caller's organisations."""
    async with caller.transaction() as tx:
        found = await requests_in(tx, list(RequestState))
        activities = await load_activities(tx, {each.activity for each in found})
    return RequestsOut(requests=[RequestOut.of(each, activities[each.activity]) for each in found])


@router.post(
    "/directory/api/requests/{reference}/answer", response_model=RequestOut, dependencies=[allow(Role.PROVIDER)]
)
async def answer(reference: str, body: AnswerIn, caller: Caller, idempotency_key: IdempotencyKey = None) -> Response:
    """Accept, put on the waiting list, ask the person, or decline with a reason; late is as good as in time."""

    async def do(tx: Tx) -> PlaceRequest:
        return await answer_request(tx, tidy(reference), body.said(), caller.now, expected=body.version)

    return await _once(caller, idempotency_key, body, do)


@router.post(
    "/directory/api/requests/{reference}/attendance", response_model=RequestOut, dependencies=[allow(Role.PROVIDER)]
)
async def attendance(
    reference: str, body: AttendanceIn, caller: Caller, idempotency_key: IdempotencyKey = None
) -> Response:
    """Say whether the person came."""

    async def do(tx: Tx) -> PlaceRequest:
        came = Attendance(body.on, body.attended)
        return await record_attendance(tx, tidy(reference), came, caller.now, expected=body.version)

    return await _once(caller, idempotency_key, body, do)


@router.post("/directory/api/requests/{reference}/end", response_model=RequestOut, dependencies=[allow(Role.PROVIDER)])
async def end(reference: str, body: EndIn, caller: Caller, idempotency_key: IdempotencyKey = None) -> Response:
    """Say that the person's time with the activity is over, and how it ended."""

    async def do(tx: Tx) -> PlaceRequest:
        return await end_place(tx, tidy(reference), body.outcome, caller.now, expected=body.version)

    return await _once(caller, idempotency_key, body, do)


async def _once(
    caller: CallerAtDoor, key: str | None, body: BaseModel, do: Callable[[Tx], Awaitable[PlaceRequest]]
) -> Response:
    """The key stands for this body at this address."""
    seal = fingerprint(body) + caller.request.url.path.encode()
    async with caller.transaction() as tx:

        async def answered() -> Answer:
            request = await do(tx)
            return Answer.of(RequestOut.of(request, await load_activity_by_id(tx, request.activity)), 200)

        kept = await once(tx, key, seal, answered)
    return caller.answer(kept)


@router.post("/directory/api/activities/{reference}/capacity", dependencies=[allow(Role.PROVIDER, Role.STEWARD)])
async def say_capacity(reference: str, body: CapacityIn, caller: Caller) -> ActivityOut:
    """Say how much room there is. Said twice, it is only fresher."""
    async with caller.transaction() as tx:
        said = await state_capacity(tx, tidy(reference), body.status, body.places, caller.now, expected=body.version)
    return ActivityOut.of(said, caller.now)
