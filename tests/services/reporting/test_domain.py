"""What the figures mean, and which of them may be shown."""

from datetime import date

import pytest

from services.reporting.domain.funnel import STAGES, Cell, Counts, answers, funnel
from services.reporting.domain.measures import ANSWERS, FUNNEL, GROUPS, LOST, AnswerKind, Group, Stage
from services.reporting.domain.period import Grain, NotAPeriod, Period, asked_period, last_twelve_months
from services.reporting.domain.suppression import Figure, column, figure

TODAY = date(2026, 11, 20)
YEAR = Period(date(2026, 1, 1), TODAY)


def counted(*at: int, lost: tuple[int, ...] = (0, 0, 0, 0, 0), silent: int = 0) -> Counts:
    return Counts(dict(zip(STAGES, at, strict=True)), dict(zip(LOST, lost, strict=True)), silent)


def cell(counts: Counts, pcn: str | None = "U1", group: Group = Group.HOUSING, day: date = date(2026, 3, 1)) -> Cell:
    return Cell(pcn, group, day, counts)


def test_every_figure_says_what_it_counts_out_of_what_and_in_which_version() -> None:
    for measure in FUNNEL.values():
        assert measure.counts
        assert measure.out_of
        assert measure.name == f"{measure.id} v{measure.version}"
    assert set(GROUPS) == set(Group)
    assert set(ANSWERS) == set(AnswerKind)
    assert set(FUNNEL) == set(Stage)


def test_the_title_is_the_finding() -> None:
    report = funnel([cell(counted(1204, 1084, 900, 702, 498, 457))], YEAR, {})
    assert report.finding == "38 in 100 were helped"


@pytest.mark.parametrize(
    ("cells", "finding"),
    [
        ([], "Nobody was referred in this time"),
        ([cell(counted(50, 40, 30, 20, 10, 3))], "Fewer than 5 people were helped"),
    ],
)
def test_the_title_is_honest_about_few_or_none(cells: list[Cell], finding: str) -> None:
    assert funnel(cells, YEAR, {}, narrowed=True).finding == finding


def test_the_whole_is_shown_as_it_is_and_its_parts_hide_small_numbers() -> None:
    report = funnel([cell(counted(1, 1, 1, 1, 1, 1))], YEAR, {})
    assert [bar.count.value for bar in report.bars] == [1] * 6
    assert [row.figures[0].text for row in report.by_group] == ["*"]
    narrow = funnel([cell(counted(1, 1, 1, 1, 1, 1))], YEAR, {}, narrowed=True)
    assert [bar.count.text for bar in narrow.bars] == ["*"] * 6


def test_each_bar_has_its_share_of_all_and_who_was_lost_before_it() -> None:
    counts = counted(1204, 1084, 900, 702, 498, 457, lost=(120, 184, 210, 204, 41), silent=61)
    report = funnel([cell(counts)], YEAR, {})
    accepted = report.bars[4]
    assert (accepted.count.text, accepted.count.percent(accepted.whole)) == ("498", "41%")
    assert accepted.lost == Figure(204)
    assert (report.asked_in_vain.words, report.silent.words) == ("204", "61")


def test_who_was_lost_is_hidden_where_it_would_tell_how_few_were_left() -> None:
    counts = counted(9, 2, 2, 0, 0, 0, lost=(7, 0, 2, 0, 0), silent=0)
    narrowed, whole = (funnel([cell(counts)], YEAR, {}, narrowed=each) for each in (True, False))
    assert [bar.lost and bar.lost.text for bar in narrowed.bars] == [None, "*", "*", "*", "0", "0"]
    assert [bar.lost and bar.lost.text for bar in whole.bars] == [None, "7", "0", "2", "0", "0"]


def test_figures_are_broken_down_by_network_reason_and_month_and_the_parts_make_the_whole() -> None:
    a, b = counted(20, 18, 16, 14, 12, 10), counted(40, 30, 25, 20, 10, 5)
    cells = [cell(a), cell(b, None, Group.WITHHELD, date(2026, 4, 5))]
    report = funnel(cells, YEAR, {"U1": "Elm PCN"})
    assert [row.label for row in report.by_pcn] == ["Elm PCN", "No network yet"]
    assert [row.label for row in report.by_group] == ["Housing", "Not shown"]
    assert len(report.over_time) == 11
    for part in (report.by_pcn, report.by_group, report.over_time):
        assert sum(row.figures[0].value or 0 for row in part) == 60


def test_fewer_than_five_are_hidden_and_none_is_shown() -> None:
    assert [figure(value).text for value in (0, 1, 4, 5, 1204)] == ["0", "*", "*", "5", "1,204"]
    assert figure(3).percent(figure(50)) == "*"
    assert figure(0).percent(figure(0)) == "–"


def test_a_lone_hidden_figure_hides_the_next_smallest_too() -> None:
    assert [each.text for each in column([40, 3, 7, 0])] == ["40", "*", "*", "0"]
    assert [each.text for each in column([40, 3, 2])] == ["40", "*", "*"]
    assert [each.text for each in column([40, 7, 0])] == ["40", "7", "0"]
    assert [each.text for each in column([3, 0])] == ["*", "0"]


def test_what_became_of_requests_lists_every_answer() -> None:
    shown = dict(answers({AnswerKind.ACCEPTED: 50, AnswerKind.OVERDUE: 9, AnswerKind.DECLINED: 2}))
    assert shown[AnswerKind.ACCEPTED] == Figure(50)
    assert shown[AnswerKind.DECLINED] == Figure(None)
    assert shown[AnswerKind.OVERDUE] == Figure(None)
    assert shown[AnswerKind.WAITLISTED] == Figure(0)


def test_the_usual_period_is_twelve_months_up_to_today() -> None:
    assert last_twelve_months(TODAY) == Period(date(2025, 12, 1), TODAY)
    assert last_twelve_months(date(2026, 12, 31)).first == date(2026, 1, 1)


def test_short_periods_go_by_week_and_long_ones_by_month() -> None:
    month = Period(date(2026, 10, 1), date(2026, 10, 31))
    assert month.grain is Grain.WEEK
    assert [start.isoformat() for start in month.starts()] == [
        "2026-09-28",
        "2026-10-05",
        "2026-10-12",
        "2026-10-19",
        "2026-10-26",
    ]
    assert [start.month for start in YEAR.starts()] == list(range(1, 12))
    assert Period(date(2025, 1, 31), date(2025, 8, 1)).starts()[-1] == date(2025, 8, 1)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [("2026-13-01", "", "from"), ("", "soon", "to"), ("2026-05-02", "2026-05-01", "to"), ("0001-01-01", "", "from")],
)
def test_days_that_make_no_period_are_refused_by_the_field_to_mend(first: str, last: str, field: str) -> None:
    with pytest.raises(NotAPeriod) as refused:
        asked_period(first, last, TODAY)
    assert refused.value.field == field


def test_the_period_in_words() -> None:
    assert YEAR.words == "1 January to 20 November 2026"
    assert Period(date(2025, 12, 1), TODAY).words == "1 December 2025 to 20 November 2026"
