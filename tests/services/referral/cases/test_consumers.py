"""What referral makes of what others say, fed with the committed examples of the contracts."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from services.referral.consumers import consumers
from services.referral.domain.fit import Answer
from services.referral.domain.prescriptions import Party, Request
from services.referral.domain.referral import Referral
from services.referral.store.caseload import load_caseload
from services.referral.store.request_rows import (
    ActivityRow,
    CaseMessageRow,
    PrescriptionNewsRow,
    PrescriptionRow,
)
from services.referral.store.requests import Prescription, PrescriptionNotFound, add_prescription, load_prescription
from shared.backbone.consumers import Record
from shared.events import snapshots
from shared.events.streams import read_by
from shared.runtime.ids import new_id
from shared.runtime.store import Store
from tests.services.referral.cases.world import NOW, as_service

EXAMPLES = Path(snapshots.__file__).parent / "snapshots"


def example(name: str, kind: str = "full", **changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EXAMPLES / f"{name}.v1.{kind}.json").read_text())
    return event | {**changes, "data": event["data"] | changes.get("data", {})}


async def feed(store: Store, stream: str, event: dict[str, Any]) -> None:
    work = consumers().read(Record(stream, 0, 0, event["partitionkey"], json.dumps(event).encode()))
    assert work is not None
    async with as_service(store) as tx:
        await work.handle(tx, work.event)


async def asked(store: Store, case: Referral) -> UUID:
    id_ = new_id()
    async with as_service(store) as tx:
        add_prescription(
            tx,
            Prescription(
                id=id_,
                reference="M8T-2VW",
                version=1,
                referral_id=case.id,
                activity_id=new_id(),
                activity_name="Riverside Singers",
                provider_id="riverside",
                provider_name="Riverside Arts",
                asked_at=NOW,
                answer_by=NOW,
                person_agreed=True,
                meets_rules=Answer.YES,
                by="jo",
                request=Request(),
            ),
        )
    return id_


PLACES = {
    "place-acknowledged": "acknowledged",
    "place-accepted": "accepted",
    "place-waitlisted": "waitlisted",
    "place-declined": "declined_by_provider",
    "person-action-needed": "needs_person_action",
    "reply-overdue": "unanswered",
    "attendance-recorded": "started",
    "place-ended": "completed",
}


@pytest.mark.parametrize("kind", ["full", "minimal"])
@pytest.mark.parametrize("name", PLACES)
async def test_each_answer_of_a_provider_moves_the_request(store: Store, case: Referral, name: str, kind: str) -> None:
    id_ = await asked(store, case)
    more: dict[str, Any] = {"outcome": "completed"} if name == "place-ended" else {}
    more |= {"attended": True} if name == "attendance-recorded" else {}
    await feed(store, "place-events", example(name, kind, data={"prescription_id": str(id_), **more}))
    async with as_service(store) as tx:
        assert (await tx.session.get_one(PrescriptionRow, id_)).state == PLACES[name]
        assert len((await tx.session.exec(select(PrescriptionNewsRow))).all()) == 1


@pytest.mark.parametrize(
    ("outcome", "owes"),
    [("completed", Party.NOBODY), ("not_helped", Party.LINK_WORKER), ("could_not_contact", Party.LINK_WORKER)],
)
async def test_how_a_place_ended_says_who_owes_the_next_move(
    store: Store, case: Referral, outcome: str, owes: Party
) -> None:
    id_ = await asked(store, case)
    await feed(store, "place-events", example("place-ended", data={"prescription_id": str(id_), "outcome": outcome}))
    async with as_service(store) as tx:
        held = await load_prescription(tx, id_)
    assert (held.state.value, held.request.owes, held.request.settled) == (outcome, owes, True)


async def test_not_coming_is_kept_and_does_not_move_the_request(store: Store, case: Referral) -> None:
    id_ = await asked(store, case)
    event = example("attendance-recorded", data={"prescription_id": str(id_), "attended": False})
    await feed(store, "place-events", event)
    async with as_service(store) as tx:
        assert (await tx.session.get_one(PrescriptionRow, id_)).state == "sent"
        assert (await tx.session.exec(select(PrescriptionNewsRow))).one().news == "missed"


async def test_an_attendance_recorded_by_mistake_is_taken_back(store: Store, case: Referral) -> None:
    id_ = await asked(store, case)
    day = {"prescription_id": str(id_), "held_on": "2026-11-24"}
    told = [("place-accepted", "2026-11-21T10:00:00Z", {}), ("attendance-recorded", "2026-11-24T10:00:00Z", day)]
    for name, time, data in told:
        about = {"prescription_id": str(id_), **data, **({"attended": True} if data else {})}
        await feed(store, "place-events", example(name, time=time, data=about))
    async with as_service(store) as tx:
        assert (await tx.session.get_one(PrescriptionRow, id_)).state == "started"
    corrected = example("attendance-recorded", time="2026-11-24T11:00:00Z", data={**day, "attended": False})
    await feed(store, "place-events", corrected)
    async with as_service(store) as tx:
        assert (await tx.session.get_one(PrescriptionRow, id_)).state == "accepted"


async def test_news_of_a_request_we_never_made_is_an_error_to_be_parked(store: Store, case: Referral) -> None:
    with pytest.raises(PrescriptionNotFound):
        await feed(store, "place-events", example("place-accepted"))


@pytest.mark.parametrize("kind", ["full", "minimal"])
@pytest.mark.parametrize("name", ["activity-listed", "activity-revised", "activity-withdrawn", "capacity-stated"])
async def test_activities_are_kept_as_the_directory_describes_them(
    store: Store, case: Referral, name: str, kind: str
) -> None:
    event = example(name, kind)
    await feed(store, "directory-events", event)
    await feed(store, "directory-events", event)
    async with as_service(store) as tx:
        row = (await tx.session.exec(select(ActivityRow))).one()
    assert str(row.id) == event["partitionkey"]
    assert row.name == event["data"]["activity"]["activity_name"]
    assert (row.status == "active") is (name != "activity-withdrawn")


@pytest.mark.parametrize(
    ("name", "state"), [("message-sent", "sent"), ("message-failed", "failed"), ("message-withheld", "withheld")]
)
async def test_what_became_of_a_message_about_a_case_is_kept(
    store: Store, case: Referral, name: str, state: str
) -> None:
    await feed(store, "notification-events", example(name, partitionkey=str(case.id)))
    async with as_service(store) as tx:
        assert (await tx.session.exec(select(CaseMessageRow))).one().state == state


@pytest.mark.parametrize(("reason", "owed"), [("no-address", 1), ("unsafe", 1), ("no-channel", 0)])
async def test_a_message_that_nothing_could_carry_is_owed_a_look_and_one_nobody_wanted_is_not(
    store: Store, case: Referral, reason: str, owed: int
) -> None:
    about = {"reason": reason, "audience": "provider", "kind": "activity-prescribed"}
    await feed(store, "notification-events", example("message-withheld", partitionkey=str(case.id), data=about))
    async with as_service(store) as tx:
        (line,) = await load_caseload(tx)
    assert len(line.facts.messages) == owed


@pytest.mark.parametrize("key", ["F81001", "0199a3f4-0000-7000-8000-000000000001"])
async def test_messages_about_no_case_of_ours_are_passed_over(store: Store, case: Referral, key: str) -> None:
    await feed(store, "notification-events", example("message-sent", partitionkey=key))
    async with as_service(store) as tx:
        assert (await tx.session.exec(select(CaseMessageRow))).all() == []


def test_every_event_on_our_streams_is_heard() -> None:
    heard = {stream.name for stream in read_by("referral")}
    assert set(consumers().streams) == heard
