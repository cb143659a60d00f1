"""Activities as last heard of, requests for places and what was heard about them, to and from their rows."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select

from services.referral.domain.fit import Answer, Offer
from services.referral.domain.prescriptions import SETTLED, Absence, Heard, News, Request, RequestState
from services.referral.store.request_rows import (
    ActivityRow,
    CaseMessageRow,
    PrescriptionNewsRow,
    PrescriptionRow,
    SignpostRow,
    UnmetNeedRow,
)
from shared.events.vocabulary import ListingStatus
from shared.runtime.ids import new_id, tidy_reference
from shared.runtime.store import StaleVersion, Tx


class ActivityNotKnown(LookupError):
    """The directory has not told us of such an activity."""

    def __init__(self) -> None:
        super().__init__("We cannot find that activity. Search the directory and choose again.")


class PrescriptionNotFound(LookupError):
    """There is no such request, or not on this case."""

    def __init__(self) -> None:
        super().__init__("We cannot find a request with that reference on this case.")


@dataclass(frozen=True, slots=True)
class Prescription:
    """A request for a place, with what was asked for and where it stands."""

    id: UUID
    reference: str
    version: int
    referral_id: UUID
    activity_id: UUID
    activity_name: str
    provider_id: str
    provider_name: str
    asked_at: datetime
    answer_by: datetime
    person_agreed: bool
    meets_rules: Answer
    by: str
    request: Request

    @property
    def state(self) -> RequestState:
        return self.request.state

    @property
    def changed_at(self) -> datetime:
        """When its present state was said."""
        return self.request.latest.at if self.request.latest else self.asked_at


_MISSED = "missed"
_SAME = (
    "id",
    "reference",
    "version",
    "referral_id",
    "activity_id",
    "activity_name",
    "provider_id",
    "provider_name",
    "asked_at",
    "answer_by",
    "person_agreed",
    "by",
)


def _to_prescription(row: PrescriptionRow) -> Prescription:
    heard = None
    if row.news and row.news_at:
        heard = Heard(News(row.news), row.news_at, row.first_date, row.expected, row.reason)
    same = {name: getattr(row, name) for name in _SAME}
    return Prescription(meets_rules=Answer(row.meets_rules), request=Request(heard), **same)


def _news_columns(request: Request) -> dict[str, Any]:
    heard = request.latest
    known: dict[str, Any] = {"state": request.state}
    if heard:
        known |= {"news": heard.news, "news_at": heard.at, "reason": heard.reason}
        known |= {"first_date": heard.first_date, "expected": heard.expected}
    return known


def add_prescription(tx: Tx, prescription: Prescription) -> None:
    same = {name: getattr(prescription, name) for name in _SAME}
    news = _news_columns(prescription.request)
    tx.session.add(PrescriptionRow(**same, meets_rules=prescription.meets_rules, **news))


async def load_prescriptions(tx: Tx, referral_id: UUID) -> tuple[Prescription, ...]:
    """The requests of a case, latest first."""
    wanted = select(PrescriptionRow).where(col(PrescriptionRow.referral_id) == referral_id)
    wanted = wanted.order_by(col(PrescriptionRow.asked_at).desc()).execution_options(populate_existing=True)
    return tuple(_to_prescription(row) for row in await tx.session.exec(wanted))


async def load_prescription(tx: Tx, prescription_id: UUID) -> Prescription:
    """One request, held so that two pieces of news do not cross."""
    wanted = select(PrescriptionRow).where(col(PrescriptionRow.id) == prescription_id).with_for_update()
    row = (await tx.session.exec(wanted.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise PrescriptionNotFound
    return _to_prescription(row)


async def save_request(tx: Tx, prescription: Prescription, request: Request) -> None:
    """Write where the request stands now; StaleVersion when it has moved since it was read."""
    where = (
        col(PrescriptionRow.id) == prescription.id,
        col(PrescriptionRow.version) == prescription.version,
    )
    values = {**_news_columns(request), "version": prescription.version + 1}
    if (await tx.session.exec(update(PrescriptionRow).where(*where).values(**values))).rowcount != 1:
        raise StaleVersion


def add_news(tx: Tx, prescription_id: UUID, heard: Heard) -> None:
    """Keep a piece of news for the history, whether or not it moved the state."""
    row = PrescriptionNewsRow(
        id=new_id(),
        prescription_id=prescription_id,
        news=heard.news,
        at=heard.at,
        first_date=heard.first_date,
        expected=heard.expected,
        reason=heard.reason,
    )
    tx.session.add(row)


def add_absence(tx: Tx, prescription_id: UUID, absence: Absence) -> None:
    """Keep that the person did not come on a day."""
    row = PrescriptionNewsRow(
        id=new_id(), prescription_id=prescription_id, news=_MISSED, at=absence.at, first_date=absence.on
    )
    tx.session.add(row)


async def load_news(tx: Tx, prescription_id: UUID) -> tuple[list[Heard], list[Absence]]:
    """All that was ever heard about a request: its news, and the days on which the person did not come."""
    wanted = select(PrescriptionNewsRow).where(col(PrescriptionNewsRow.prescription_id) == prescription_id)
    rows = (await tx.session.exec(wanted)).all()
    absences = [Absence(row.first_date, row.at) for row in rows if row.news == _MISSED and row.first_date]
    heard = [
        Heard(News(row.news), row.at, row.first_date, row.expected, row.reason) for row in rows if row.news != _MISSED
    ]
    return heard, absences


async def open_for(tx: Tx, referral_id: UUID, activity_id: UUID) -> bool:
    """Whether this case has a request of this activity that has not ended."""
    wanted = select(PrescriptionRow.id).where(
        col(PrescriptionRow.referral_id) == referral_id,
        col(PrescriptionRow.activity_id) == activity_id,
        col(PrescriptionRow.state).not_in(_words(SETTLED)),
    )
    return (await tx.session.exec(wanted)).first() is not None


def _words(states: Collection[RequestState]) -> list[str]:
    return [str(state) for state in states]


async def load_activity(tx: Tx, named: str) -> ActivityRow:
    """The activity as last heard of, by its id or its short reference. Raises ActivityNotKnown."""
    which = col(ActivityRow.reference) == tidy_reference(named)
    with suppress(ValueError):
        which = col(ActivityRow.id) == UUID(named)
    row = (await tx.session.exec(select(ActivityRow).where(which))).first()
    if row is None:
        raise ActivityNotKnown
    return row


async def activities_called(tx: Tx, words: str) -> list[ActivityRow]:
    """Activities on offer whose name, group or reference holds every word, as far as we heard of them; the first 20."""
    named = func.concat_ws(" ", col(ActivityRow.name), col(ActivityRow.provider_name), col(ActivityRow.reference))
    wanted = select(ActivityRow).where(
        col(ActivityRow.status) == ListingStatus.ACTIVE,
        *(named.icontains(word, autoescape=True) for word in words.split()),
    )
    return list((await tx.session.exec(wanted.order_by(col(ActivityRow.name), col(ActivityRow.id)).limit(20))).all())


def offer_of(row: ActivityRow) -> Offer:
    return Offer(
        minimum_age=row.minimum_age,
        maximum_age=row.maximum_age,
        eligibility=row.eligibility,
        area=row.area,
        accessibility=tuple(row.accessibility),
        languages=tuple(row.languages),
    )


async def keep_activity(tx: Tx, row: ActivityRow) -> None:
    """Write an activity unless something later was heard already: the order of arrival does not matter."""
    held = await tx.session.get(ActivityRow, row.id, with_for_update=True)
    if held is None or held.sequence < row.sequence:
        await tx.session.merge(row)
        await tx.session.flush()


async def keep_message(tx: Tx, row: CaseMessageRow) -> None:
    """Write what became of a message unless something later was heard already."""
    held = await tx.session.get(CaseMessageRow, row.id, with_for_update=True)
    if held is None or held.at < row.at:
        await tx.session.merge(row)
        await tx.session.flush()


def add_signpost(tx: Tx, referral_id: UUID, activity: ActivityRow, at: datetime) -> None:
    row = SignpostRow(
        id=new_id(),
        referral_id=referral_id,
        activity_id=activity.id,
        activity_name=activity.name,
        at=at,
        by=tx.actor.subject,
    )
    tx.session.add(row)


def add_unmet_need(tx: Tx, referral_id: UUID, group: str, cause: str, at: datetime) -> None:
    row = UnmetNeedRow(
        id=new_id(), referral_id=referral_id, reason_group=group, cause=cause, at=at, by=tx.actor.subject
    )
    tx.session.add(row)
