"""The providers' desk: what waits for an answer first, then those waiting, then those with a place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.directory.domain.activity import Activity
from services.directory.domain.needs import GROUP_WORDS
from services.directory.domain.request import PlaceRequest, RequestState, Urgency
from services.directory.store.activities import load_activities
from services.directory.store.requests import requests_in
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.runtime.actor import Role
from shared.runtime.clock import LONDON

DESK = "/directory/desk"
ATTENDING_SHOWN = 20
PROVIDERS = allow(Role.PROVIDER)

router = door("directory")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request as a row of the desk: nothing in it says who it is for."""

    reference: str
    activity: str
    need: str
    state: str
    urgent: bool
    due_today: bool
    sent_at: datetime
    answer_by: datetime
    expected: date | None
    first_date: date | None
    last_came: date | None

    @classmethod
    def of(cls, request: PlaceRequest, activity: Activity, now: datetime) -> "Waiting":
        due = request.answer_by.astimezone(LONDON).date()
        came = [each.on for each in request.attendances if each.attended]
        return cls(
            reference=request.reference,
            activity=activity.listing.name,
            need=GROUP_WORDS[request.need],
            state=request.shown_state,
            urgent=request.urgency is Urgency.URGENT,
            due_today=request.unanswered and due == now.astimezone(LONDON).date(),
            sent_at=request.sent_at,
            answer_by=request.answer_by,
            expected=request.expected,
            first_date=request.first_date,
            last_came=max(came, default=None),
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the desk, each oldest first; of those attending, a page of `attending_total`, latest asked first,
    and in `older` the address of the next."""

    to_answer: Sequence[Waiting]
    asking: Sequence[Waiting]
    waiting_list: Sequence[Waiting]
    accepted: Sequence[Waiting]
    attending: Sequence[Waiting]
    attending_total: int
    older: str


@router.get(DESK, dependencies=[PROVIDERS], response_class=HTMLResponse)
async def show_desk(caller: Caller, after: str = "") -> Response:
    """What the caller's organisations were asked. Looking changes nothing. `after`: of those attending, the ones that
    were asked for before the request with this reference."""
    states = (*OPEN, RequestState.ACCEPTED, RequestState.STARTED)
    async with caller.transaction() as tx:
        requests = await requests_in(tx, states)
        activities = await load_activities(tx, {each.activity for each in requests})
    desk = _desk(requests, activities, caller.now, after)
    return caller.page("directory/desk.html", desk=desk, todo={DESK: len(desk.to_answer)})


OPEN = (RequestState.SENT, RequestState.ACKNOWLEDGED, RequestState.NEEDS_PERSON, RequestState.WAITLISTED)


def _desk(requests: Iterable[PlaceRequest], activities: Mapping[UUID, Activity], now: datetime, after: str) -> Desk:
    rows: dict[RequestState, list[Waiting]] = {state: [] for state in RequestState}
    for request in requests:
        state = RequestState.SENT if request.unanswered else request.state
        rows[state].append(Waiting.of(request, activities[request.activity], now))
    attending = rows[RequestState.STARTED][::-1]
    begin = next((at for at, each in enumerate(attending, 1) if each.reference == after), 0)
    shown = attending[begin : begin + ATTENDING_SHOWN]
    more = begin + ATTENDING_SHOWN < len(attending)
    return Desk(
        to_answer=rows[RequestState.SENT],
        asking=rows[RequestState.NEEDS_PERSON],
        waiting_list=rows[RequestState.WAITLISTED],
        accepted=rows[RequestState.ACCEPTED],
        attending=shown,
        attending_total=len(attending),
        older=f"{DESK}?after={shown[-1].reference}#attending" if more else "",
    )
