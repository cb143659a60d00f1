"""One request for a place: what may be known of it, the answer, and "I have seen this"."""

from dataclasses import dataclass
from datetime import date, datetime

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.directory.actions.requests import acknowledge_request, answer_request
from services.directory.domain.activity import Activity
from services.directory.domain.answers import Accept, Answer, AskPerson, Decline, Waitlist
from services.directory.domain.needs import GROUP_WORDS
from services.directory.domain.request import (
    OPEN_TO_ANSWER,
    REASON_WORDS,
    TAKEN_BACK,
    WITH_A_PLACE,
    DatePassed,
    DeclineReason,
    PlaceRequest,
    RequestState,
    Urgency,
)
from services.directory.pages.cards import RoomShown
from services.directory.pages.desk import DESK, PROVIDERS
from services.directory.store.activities import load_activity_by_id
from services.directory.store.requests import load_request, to_answer
from shared.door import once as door_once
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form
from shared.door.guard import door
from shared.door.words import day
from shared.runtime.ids import tidy_reference

PATH = DESK + "/requests/{reference}"
RULES = {True: "Yes", False: "No", None: "Not known"}

router = door("directory")


@dataclass(frozen=True, slots=True)
class RequestShown:
    """All that a provider may know: no name, and no reference but the request's own."""

    reference: str
    version: int
    activity: str
    activity_reference: str
    room: RoomShown
    need: str
    meets_rules: str
    urgent: bool
    state: str
    sent_at: datetime
    answer_by: datetime
    first_date: date | None
    expected: date | None
    reason: str
    ended_at: datetime | None
    came: list[tuple[date, bool]]
    unseen: bool
    open: bool
    taken_back: bool
    with_a_place: bool

    @classmethod
    def of(cls, request: PlaceRequest, activity: Activity, now: datetime) -> "RequestShown":
        return cls(
            reference=request.reference,
            version=request.version,
            activity=activity.listing.name,
            activity_reference=activity.reference,
            room=RoomShown.of(activity, now),
            need=GROUP_WORDS[request.need],
            meets_rules=RULES[request.meets_rules],
            urgent=request.urgency is Urgency.URGENT,
            state=request.shown_state,
            sent_at=request.sent_at,
            answer_by=request.answer_by,
            first_date=request.first_date,
            expected=request.expected,
            reason=REASON_WORDS[request.reason] if request.reason else "",
            ended_at=request.ended_at,
            came=[(each.on, each.attended) for each in request.attendances],
            unseen=request.state is RequestState.SENT,
            open=request.state in OPEN_TO_ANSWER,
            taken_back=request.state in TAKEN_BACK,
            with_a_place=request.state in WITH_A_PLACE,
        )


async def shown(caller: CallerAtDoor, reference: str) -> tuple[RequestShown, int]:
    """The request, and how many wait for an answer. Raises NoSuchRequest."""
    async with caller.transaction() as tx:
        request = await load_request(tx, tidy_reference(reference) or "")
        activity = await load_activity_by_id(tx, request.activity)
        return RequestShown.of(request, activity, caller.now), await to_answer(tx)


@router.get(PATH, dependencies=[PROVIDERS], response_class=HTMLResponse)
async def show_request(reference: str, caller: Caller) -> Response:
    """Looking changes nothing: that it was seen is said by a button, or by the answer."""
    return await _page(caller, reference, {}, None)


async def _page(caller: CallerAtDoor, reference: str, errors: dict[str, str], form: Form | None) -> Response:
    request, waiting = await shown(caller, reference)
    typed = form.typed if form else None
    reasons, todo = list(REASON_WORDS.items()), {DESK: waiting}
    return caller.page(
        "directory/request.html", errors=errors, typed=typed, request=request, reasons=reasons, todo=todo
    )


@router.post(PATH + "/seen", dependencies=[PROVIDERS])
async def see_request(reference: str, caller: Caller) -> Response:
    """The provider says that they have seen it, and may answer later."""
    form = await caller.form()
    async with caller.transaction() as tx:
        seen = await acknowledge_request(tx, tidy_reference(reference) or "", caller.now, expected=form.version)
    said = f"We told the link worker that you have seen {seen.reference}. Answer by {day(seen.answer_by)}."
    return caller.redirect(f"{DESK}/requests/{seen.reference}", confirm=said)


@router.post(PATH, dependencies=[PROVIDERS])
async def send_answer(reference: str, caller: Caller) -> Response:
    """The answer, in time or late."""
    form = await caller.form()
    said = _answer(form)
    if isinstance(said, dict):
        return await _page(caller, reference, said, form)
    try:
        async with caller.transaction() as tx:

            async def do() -> door_once.Answer:
                known = tidy_reference(reference) or ""
                request = await answer_request(tx, known, said, caller.now, expected=form.version)
                return door_once.Answer.onward(DESK, confirm=what_happens_next(request))

            answer = await door_once.once(tx, form.key, form.fingerprint, do)
    except DatePassed as error:
        return await _page(caller, reference, {"date": str(error)}, form)
    return caller.answer(answer)


def _answer(form: Form) -> Answer | dict[str, str]:
    """The answer in the domain's terms, or what is wrong with the form."""
    given, on = form.text("answer"), form.date("date")
    if given in ("accept", "waitlist"):
        if on is None and not form.blank("date"):
            return {"date": "The date must be a real date, like 27 11 2026"}
        return Accept(on) if given == "accept" else Waitlist(on)
    if given == "decline":
        reason = form.text("reason")
        known = reason in set(DeclineReason)
        return Decline(DeclineReason(reason)) if known else {"reason": "Choose why you cannot"}
    return AskPerson() if given == "ask-person" else {"answer": "Choose your answer"}


def what_happens_next(request: PlaceRequest) -> str:
    """The confirmation of an answer: who was told, and what comes next."""
    reference = request.reference
    match request.state:
        case RequestState.ACCEPTED:
            when = f" for {day(request.first_date)}" if request.first_date else ""
            return f"You accepted {reference}{when}. We told the link worker. Record here whether the person came."
        case RequestState.WAITLISTED:
            return (
                f"{reference} is on your waiting list. We told the link worker. Accept it here when there is a place."
            )
        case RequestState.NEEDS_PERSON:
            return f"We told the link worker that you need to ask the person about {reference}. They will contact you."
        case _:
            return (
                f"You cannot take {reference}. We told the link worker, who will look elsewhere. Nothing more is owed."
            )
