"""A request for a place, from the day it is sent to the day the person's time with the activity ends."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.directory.actions.telling import tell
from services.directory.domain.answers import Answer, Decided, acknowledge, answer, attend, end, fall_due, withdraw
from services.directory.domain.request import Attendance, Outcome, PlaceRequest, RequestState
from services.directory.store.activities import load_activity_by_id
from services.directory.store.requests import (
    add_request,
    load_request,
    load_request_by_id,
    save_mark,
    save_request,
)
from shared.backbone.timers import cancel_timer, set_timer
from shared.runtime.store import Tx

REPLY_DUE = "reply-due"


async def receive(tx: Tx, asked: PlaceRequest) -> PlaceRequest:
    """A link worker asked for a place: it comes to the desk of whoever runs the activity, and the clock starts.

    Raises NoSuchActivity.
    """
    activity = await load_activity_by_id(tx, asked.activity)
    request = replace(asked, provider=activity.listing.provider.id)
    add_request(tx, request)
    await set_timer(tx, REPLY_DUE, request.id, request.answer_by)
    return request


async def acknowledge_request(tx: Tx, reference: str, at: datetime, *, expected: int | None = None) -> PlaceRequest:
    """The provider says "I have seen this". Raises NoSuchRequest, RequestTakenBack, StaleVersion."""
    before = await load_request(tx, reference, lock=True)
    return await _save(tx, before, acknowledge(before, at), at, expected=expected)


async def answer_request(
    tx: Tx, reference: str, said: Answer, at: datetime, *, expected: int | None = None
) -> PlaceRequest:
    """The provider answers, in time or late. Raises NoSuchRequest, StaleVersion and those of `answers.answer`."""
    before = await load_request(tx, reference, lock=True)
    answered = await _save(tx, before, answer(before, said, at), at, expected=expected)
    await cancel_timer(tx, REPLY_DUE, answered.id)
    return answered


async def record_attendance(
    tx: Tx, reference: str, attendance: Attendance, at: datetime, *, expected: int | None = None
) -> PlaceRequest:
    """The provider says whether the person came. Raises NoSuchRequest, StaleVersion and those of `answers.attend`."""
    before = await load_request(tx, reference, lock=True)
    return await _save(tx, before, attend(before, attendance, at), at, expected=expected)


async def end_place(
    tx: Tx, reference: str, outcome: Outcome, at: datetime, *, expected: int | None = None
) -> PlaceRequest:
    """The provider says how it ended. Raises NoSuchRequest, StaleVersion and those of `answers.end`."""
    before = await load_request(tx, reference, lock=True)
    return await _save(tx, before, end(before, outcome, at), at, expected=expected)


async def take_back(tx: Tx, prescription: UUID, becomes: RequestState, at: datetime) -> PlaceRequest:
    """The link worker withdrew it: nothing is owed any more. Raises NoSuchRequest."""
    before = await load_request_by_id(tx, prescription)
    await cancel_timer(tx, REPLY_DUE, prescription)
    return await _save(tx, before, withdraw(before, becomes), at)


async def mark_overdue(tx: Tx, prescription: UUID, due: datetime) -> PlaceRequest:
    """The day to answer by has passed: said with that time, whenever the clock came to it. Raises NoSuchRequest."""
    marked, facts = fall_due(await load_request_by_id(tx, prescription), due)
    if facts:
        await save_mark(tx, marked)
        await tell(tx, marked, facts, due)
    return marked


async def _save(
    tx: Tx, before: PlaceRequest, decided: Decided, at: datetime, *, expected: int | None = None
) -> PlaceRequest:
    """Nothing new: nothing is written and nobody is told."""
    after, facts = decided
    if after == before:
        return before
    saved = await save_request(tx, after, expected=expected)
    await tell(tx, saved, facts, at)
    return saved
