"""Charts: from a zero line, with round numbers, and words that do not lie on each other."""

import itertools

import pytest

from shared.door.charts import BOTTOM, TOP, Series, line_chart

MONTHS = ["June", "July", "August"]


def test_values_stand_between_the_zero_line_and_a_round_top() -> None:
    chart = line_chart("c", "Title", "Words", MONTHS, [Series("Reached", [0, 37, 71])])
    assert [rule.text for rule in chart.rules] == ["0", "20", "40", "60", "80"]
    heights = [float(point.split(",")[1]) for point in chart.lines[0].points.split()]
    assert heights[0] == BOTTOM
    assert TOP <= heights[2] < heights[1] < BOTTOM


def test_labels_of_lines_that_end_together_do_not_overlap() -> None:
    same = [Series(name, [5, 5, 5]) for name in ("One", "Two", "Three")]
    places = [line.label_y for line in line_chart("c", "Title", "Words", MONTHS, same).lines]
    assert all(below - above >= 16 for above, below in itertools.pairwise(places))
    assert len({(line.colour, line.dashes) for line in line_chart("c", "T", "W", MONTHS, same).lines}) == 3


def test_the_axis_says_its_first_middle_and_last() -> None:
    months = ["May", "June", "July", "August", "September"]
    chart = line_chart("c", "Title", "Words", months, [Series("Reached", [1, 2, 3, 4, 5])])
    assert [mark.text for mark in chart.marks] == ["May", "July", "September"]


def test_nothing_to_draw_is_drawn_too() -> None:
    chart = line_chart("c", "Title", "Words", [], [])
    assert chart.lines == []
    assert line_chart("c", "T", "W", MONTHS, [Series("None yet", [0, 0, 0])]).rules[-1].text == "4"


def test_more_than_four_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="four"):
        line_chart("c", "Title", "Words", MONTHS, [Series(str(n), [1]) for n in range(5)])
