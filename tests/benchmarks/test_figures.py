"""What the bench says of its runs."""

from pathlib import Path
from random import Random

import msgspec
import pytest

from tests.benchmarks.figures import Figure, Measures, Runs, Spread, percentile, short
from tests.benchmarks.pacing import poisson
from tests.benchmarks.rows import SUBJECTS, Numbered, Sayings, subjects, twice_said
from tests.benchmarks.run import parts, table


@pytest.fixture
def runs() -> Runs:
    ours: list[Measures] = [{"rate": 80.0, "lost": 0}, {"rate": 100.0, "lost": 1}, {"rate": 300.0, "lost": 0}]
    peer: list[Measures] = [{"rate": 10.0}, {"rate": 10.0}, {"rate": 100.0}]
    return Runs({"ours": ours, "peer": peer})


def test_a_ratio_is_of_the_two_sides_of_each_turn(runs: Runs) -> None:
    assert runs.ratio("P1", "", of="ours.rate", to="peer.rate").value == Spread(8, 3, 10)


@pytest.mark.parametrize(("at_least", "reached"), [(8, True), (8.1, False)])
def test_a_target_is_reached_by_the_median(runs: Runs, at_least: float, reached: bool) -> None:
    assert runs.ratio("P1", "", of="ours.rate", to="peer.rate", at_least=at_least).reached is reached


def test_a_target_from_above_likewise(runs: Runs) -> None:
    assert runs.plain("P1", "", of="ours.rate", at_most=100).reached is True
    assert runs.plain("P1", "", of="ours.rate", at_most=99).reached is False


def test_one_loss_in_any_turn_is_one_too_many(runs: Runs) -> None:
    assert runs.never("P1", "", of="ours.lost").reached is False


def test_a_figure_without_a_target_is_said_and_not_judged(runs: Runs) -> None:
    figure = runs.plain("P1", "", of="ours.rate")
    assert (figure.target, figure.reached) == (None, None)


def test_the_table_has_a_row_for_each_figure(runs: Runs) -> None:
    figures: list[Figure] = [runs.plain("P1", "", of="ours.rate"), runs.never("P1", "", of="ours.lost")]
    assert table(figures).row_count == 2


def test_a_part_is_found_by_its_name_and_an_unknown_one_refused() -> None:
    assert parts("p1") == {"P1": "p1_relay"}
    assert len(parts("")) == len(list(Path(__file__).parent.glob("p*_*.py")))
    with pytest.raises(SystemExit):
        parts("P1,P99")


def test_the_hundredth_percentile_of_two_hundred_is_the_second_largest() -> None:
    assert percentile(range(200), 0.99) == 198
    assert percentile([1.0], 0.99) == 1.0


def test_figures_are_short() -> None:
    assert [short(number) for number in (0, 0.01234, 3.14159, 123456.7)] == ["0", "0.0123", "3.14", "123,457"]


def test_what_is_said_of_a_subject_is_numbered_without_a_gap() -> None:
    said = [msgspec.json.decode(value, type=Numbered) for _, value in Sayings(subjects(3)).some(9)]
    assert [int(one.sequence) for one in said if one.partitionkey == subjects(3)[1]] == [1, 2, 3]


def test_a_tenth_is_said_twice_and_never_before_the_first_time() -> None:
    values = [value for _, value in twice_said(10 * SUBJECTS)]
    assert len(set(values)) == 10 * SUBJECTS
    assert 0.09 * 10 * SUBJECTS < len(values) - 10 * SUBJECTS <= 0.1 * 10 * SUBJECTS


def test_arrivals_leave_a_second_of_quiet_after_every_two() -> None:
    moments = list(poisson(50, 6, Random(1)))
    assert moments == sorted(moments)
    assert all(moment % 3 < 2 for moment in moments)
    assert 200 < len(moments) < 400
