"""The same facts leave the same rows, in whatever order the streams arrive and however often."""

import random
from datetime import date

import pytest
from sqlalchemy import event

from shared.backbone.consumers import Record
from shared.events import place, referral
from shared.events.snapshots import example
from shared.events.streams import read_by, stream_of
from shared.runtime.ids import new_id
from tests.services.reporting.desk import ELM, OAK, Desk, Told

STAGES = ("reached", "session", "prescribed", "answered", "accepted", "attended")


def story(told: Told) -> list[Record]:
    return [
        *told.journey(5),
        told.said(referral.ReferralAllocated),
        told.said(referral.ContactAttempted, "2026-03-05T10:00:00Z", outcome="no-answer"),
        told.said(referral.ContactAttempted, "2026-03-12T10:00:00Z", outcome="reached"),
        told.said(place.ReplyOverdue, "2026-03-09T10:00:00Z"),
        told.said(place.PlaceWaitlisted, "2026-03-09T11:00:00Z"),
        told.said(place.AttendanceRecorded, "2026-03-19T10:00:00Z", attended=False, held_on="2026-03-19"),
    ]


async def test_the_rows_do_not_depend_on_the_order_or_the_number_of_arrivals(desk: Desk) -> None:
    in_order, mixed = Told(), Told()
    await desk.hear(*story(in_order))
    records = [record for record in story(mixed) for _ in range(2)]
    random.Random(7).shuffle(records)
    await desk.hear(*records)
    first, second = await desk.referral(in_order.id), await desk.referral(mixed.id)
    assert {**first, "referral_id": None} == {**second, "referral_id": None}
    assert first["made_on"] == date(2026, 3, 1)
    assert all(first[stage] for stage in STAGES)
    requests = await desk.rows("SELECT answer, overdue, in_error FROM request")
    assert requests[0] == requests[1]
    assert requests[0]["answer"] == "accepted"


@pytest.mark.parametrize("seed", range(5))
async def test_a_batch_at_once_leaves_the_rows_that_its_events_one_by_one_would(desk: Desk, seed: int) -> None:
    one_by_one, together, dice = Told(), Told(), random.Random(seed)
    order = [dice.randrange(len(story(one_by_one))) for _ in range(25)] + list(range(len(story(one_by_one))))
    await desk.hear(*(story(one_by_one)[number] for number in order))
    cut = dice.randrange(len(order))
    records = [story(together)[number] for number in order]
    await desk.hear_together(*records[:cut])
    await desk.hear_together(*records[cut:])
    first, second = await desk.referral(one_by_one.id), await desk.referral(together.id)
    assert {**first, "referral_id": None} == {**second, "referral_id": None}
    requests = await desk.rows("SELECT * FROM request")
    kept = [{**row, "request_id": None, "referral_id": None} for row in requests]
    assert kept[0] == kept[1]
    days = await desk.rows("SELECT held_on, attended, said_at FROM attendance ORDER BY request_id, held_on")
    assert days[: len(days) // 2] == days[len(days) // 2 :]


async def test_a_batch_costs_a_handful_of_statements_however_large_it_is(desk: Desk) -> None:
    said, records = list[str](), [record for _ in range(20) for record in story(Told())]

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    engine = desk.store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await desk.hear_together(*records)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(said) <= 12


@pytest.mark.parametrize("kind", ["full", "minimal"])
async def test_every_committed_example_that_reporting_handles_is_understood_twice(desk: Desk, kind: str) -> None:
    handled = 0
    for fact in (fact for stream in read_by("reporting") for fact in stream.facts):
        work = desk.table.read(Record(stream_of(fact).name, 0, 0, str(new_id()), example(fact, kind)))
        if work:
            await desk.hear(work.record, work.record)
            handled += 1
    assert handled == 13


async def test_a_referral_counts_for_the_london_day_it_was_made_on(desk: Desk) -> None:
    late = Told(made="2026-06-30T23:30:00Z")
    await desk.hear(late.created())
    assert (await desk.referral(late.id))["made_on"] == date(2026, 7, 1)


async def test_an_answer_before_its_referral_waits_uncounted(desk: Desk) -> None:
    told = Told()
    await desk.hear(told.said(place.PlaceAccepted))
    assert (await desk.funnel())["stages"][0]["count"] == 0


async def test_a_session_means_that_the_person_was_reached(desk: Desk) -> None:
    told = Told()
    await desk.hear(told.created(), told.said(referral.SessionCompleted))
    row = await desk.referral(told.id)
    assert row["reached"] == row["session"] is not None


async def test_who_attended_had_a_place(desk: Desk) -> None:
    told = Told()
    await desk.hear(*told.journey(3), told.said(place.AttendanceRecorded, attended=True))
    assert (await desk.referral(told.id))["accepted"] is not None


@pytest.mark.parametrize("swapped", [False, True])
async def test_an_attendance_that_is_taken_back_is_no_attendance(desk: Desk, swapped: bool) -> None:
    told, day = Told(), {"held_on": "2026-03-12"}
    came = told.said(place.AttendanceRecorded, "2026-03-12T10:00:00Z", attended=True, **day)
    did_not = told.said(place.AttendanceRecorded, "2026-03-12T11:00:00Z", attended=False, **day)
    await desk.hear(*told.journey(4), *((did_not, came) if swapped else (came, did_not)))
    row = await desk.referral(told.id)
    assert (row["attended"], row["accepted"] is not None) == (None, True)
    again = told.said(place.AttendanceRecorded, "2026-03-12T12:00:00Z", attended=True, **day)
    await desk.hear(again)
    assert (await desk.referral(told.id))["attended"] is not None


async def test_a_request_entered_in_error_never_counted(desk: Desk) -> None:
    told = Told()
    await desk.hear(told.said(referral.PrescriptionWithdrawn, reason="entered_in_error"), *told.journey(4))
    row = await desk.referral(told.id)
    assert row["session"] is not None
    assert row["prescribed"] is row["accepted"] is None


async def test_an_allocated_referral_belongs_to_the_network_it_was_allocated_in(desk: Desk) -> None:
    told = Told(pcn=None)
    await desk.hear(told.created())
    assert (await desk.referral(told.id))["pcn"] is None
    told.pcn = OAK
    allocated = told.said(referral.ReferralAllocated)
    told.pcn = ELM
    await desk.hear(allocated, told.created())
    assert (await desk.referral(told.id))["pcn"] == OAK
