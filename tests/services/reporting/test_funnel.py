"""The report that analysts and team leads read: whole, broken down, small numbers hidden, on page, file and API."""

import csv
import io

import pytest

from shared.events import place, referral
from shared.runtime.actor import Role
from tests.services.reporting.desk import ELM, OAK, Desk, Told, network_named

YEAR = "from=2026-01-01&to=2026-12-31"


async def a_borough(desk: Desk) -> None:
    """24 referrals: 12 in Elm to the end, 6 in Oak as far as asked (withheld reason), 6 in Oak only made."""
    await desk.hear(network_named(ELM, "Elm PCN"), network_named(OAK, "Oak PCN"))
    for _ in range(12):
        await desk.hear(*Told().journey(5))
    for number in range(6):
        told = Told(OAK, "2026-04-02T09:00:00Z", "withheld")
        silence = told.said(place.ReplyOverdue) if number else told.said(place.PlaceDeclined)
        await desk.hear(*told.journey(3), silence)
        await desk.hear(Told(OAK, "2026-05-02T09:00:00Z").created())


async def test_the_funnel_counts_each_stage_and_who_was_lost_before_it(desk: Desk) -> None:
    await a_borough(desk)
    report = await desk.funnel()
    assert [(stage["stage"], stage["count"], stage["lost"]) for stage in report["stages"]] == [
        ("referred", 24, None),
        ("reached", 18, 6),
        ("session", 18, 0),
        ("prescribed", 18, 0),
        ("accepted", 12, 6),
        ("attended", 12, 0),
    ]
    assert (report["finding"], report["asked_in_vain"], report["silent"]) == ("50 in 100 were helped", 6, 5)
    assert all(definition["version"] == 1 for definition in report["definitions"])


async def test_it_is_broken_down_by_network_and_reason_and_sensitive_ones_are_not_shown(desk: Desk) -> None:
    await a_borough(desk)
    report = await desk.funnel()
    assert [(row["label"], row["counts"]["referred"]) for row in report["by_pcn"]] == [("Elm PCN", 12), ("Oak PCN", 12)]
    assert [(row["label"], row["counts"]["referred"]) for row in report["by_group"]] == [
        ("Housing", 18),
        ("Not shown", 6),
    ]
    months = {row["label"]: row["counts"]["referred"] for row in report["over_time"] if row["counts"]["referred"]}
    assert months == {"March 2026": 12, "April 2026": 6, "May 2026": 6}


async def test_what_became_of_requests_tells_silence_from_refusal(desk: Desk) -> None:
    await a_borough(desk)
    told = Told()
    await desk.hear(*told.journey(3), told.said(place.ReplyOverdue))
    answers = {row["answer"]: row["requests"] for row in (await desk.funnel())["answers"]}
    # One was declined: that number is hidden, and with it the next smallest.
    assert answers["accepted"] == 12
    assert (answers["declined"], answers["overdue"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "referred"),
    [
        ("from=2026-04-01&to=2026-04-30", 6),
        (f"{YEAR}&pcn={OAK}", 12),
        (f"{YEAR}&group=withheld", 6),
        (f"{YEAR}&pcn={OAK}&group=housing", 6),
        (f"{YEAR}&pcn=U99999", 0),
    ],
)
async def test_filters_stand_in_the_address(desk: Desk, query: str, referred: int) -> None:
    await a_borough(desk)
    assert (await desk.funnel(query))["stages"][0]["count"] == referred


async def test_a_team_lead_sees_their_own_network_alone(desk: Desk) -> None:
    await a_borough(desk)
    report = await desk.funnel(pcns=(ELM,))
    assert report["stages"][0]["count"] == 12
    assert [row["key"] for row in report["by_pcn"]] == [ELM]
    async with desk.visit(Role.TEAM_LEAD, organisations=(ELM,)) as client:
        assert (await client.get(f"/reporting/api/funnel?pcn={OAK}")).status_code == 403


async def test_fewer_than_five_are_hidden_everywhere(desk: Desk) -> None:
    await a_borough(desk)
    for _ in range(3):
        told = Told(ELM, "2026-06-02T09:00:00Z", "interests")
        await desk.hear(told.created(), told.said(referral.SessionCompleted))
    report = await desk.funnel()
    shown = {row["key"]: row["counts"]["referred"] for row in report["by_group"]}
    assert shown == {"housing": 18, "interests": None, "withheld": None}
    async with desk.visit(Role.ANALYST) as client:
        file = (await client.get(f"/reporting/funnel.csv?{YEAR}")).text
    found = [row for row in csv.DictReader(io.StringIO(file)) if row["key"] == "interests"]
    assert found[0]["referred"] == "*"


async def test_the_page_says_the_finding_and_where_people_are_lost(desk: Desk) -> None:
    await a_borough(desk)
    async with desk.visit(Role.ANALYST) as client:
        page = (await client.get(f"/reporting/funnel?{YEAR}&pcn={OAK}")).text
    assert "0 in 100 were helped</h1>" in page
    assert "Lost between asked and accepted: 6, of them 5 with no answer at all." in page
    assert "6 not reached" in page
    assert "Remove filter" in page
    assert "funnel.attended v1" in page
    assert "n = 12 referrals, 1 January to 31 December 2026, Oak PCN" in page
    assert f"/reporting/funnel.csv?from=2026-01-01&amp;to=2026-12-31&amp;pcn={OAK}" in page


async def test_the_file_holds_the_figures_of_the_page(desk: Desk) -> None:
    await a_borough(desk)
    await desk.hear(network_named(ELM, "=HYPERLINK(1)"))
    async with desk.visit(Role.ANALYST) as client:
        answer = await client.get(f"/reporting/funnel.csv?{YEAR}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert rows[0] == {
        "breakdown": "total",
        "key": "",
        "label": "1 January to 31 December 2026",
        "referred": "24",
        "reached": "18",
        "session": "18",
        "prescribed": "18",
        "accepted": "12",
        "attended": "12",
    }
    assert not any(value.startswith("=") for row in rows for value in row.values())


async def test_an_empty_time_says_what_to_do(desk: Desk) -> None:
    async with desk.visit(Role.ANALYST) as client:
        page = (await client.get("/reporting/funnel")).text
    assert "No referrals were made in this time." in page


async def test_days_that_make_no_period_are_shown_at_their_field(desk: Desk) -> None:
    async with desk.visit(Role.ANALYST) as client:
        page = await client.get("/reporting/funnel?from=2026-05-02&to=2026-05-01")
        api = await client.get("/reporting/api/funnel?from=soon")
    assert page.status_code == 422
    assert "End of the period must be the same as or after its start" in page.text
    assert 'value="2026-05-01"' in page.text
    assert api.status_code == 422
    assert api.json()["detail"] == "Start of the period must be a real date"


@pytest.mark.parametrize("path", ["/reporting/funnel", "/reporting/funnel.csv", "/reporting/api/funnel"])
async def test_nobody_reads_reports_without_the_right(desk: Desk, path: str) -> None:
    async with desk.visit(Role.LINK_WORKER, organisations=(ELM,)) as worker, desk.visit() as nobody:
        assert (await worker.get(path)).status_code == 403
        assert (await nobody.get(path)).status_code in (303, 401)
