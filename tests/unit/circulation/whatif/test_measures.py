"""Figures of waiting and of fairness."""

import pytest

from bibliopolis.circulation.whatif.facts import PastHold
from bibliopolis.circulation.whatif.measures import DAY, Fate, fairness, gini, percentile, row


def fate(ready=None, ended=None, why=None):
    hold = PastHold(1, 1, 1, 1, 0, 0)
    return Fate(hold, ready and ready * DAY, ended and ended * DAY, why)


def test_who_still_waits_counts_in_the_average_and_who_was_refused_does_not():
    found = row([fate(2), fate(4), fate(ended=6), fate(), fate(why="max_holds")], 10 * DAY)

    assert found == {
        "holds": 5,
        "refused": 1,
        "filled": 2,
        "share": 0.5,
        "median": 2.0,
        "ninety": 4.0,
        "mean": 5.5,
    }


def test_of_nothing_there_are_no_figures():
    found = row([], 0)

    assert (found["share"], found["median"], found["mean"]) == (None, None, None)


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.9, 9), (1.0, 10)])
def test_nearest_rank(share, value):
    assert percentile(range(1, 11), share) == value


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(3.0, 10), (3.0, 5)], 0.0),
        ([(0.0, 1), (4.0, 1)], 0.5),
        ([(0.0, 0), (1.0, 1), (3.0, 1)], 0.25),
        ([(0.0, 9), (0.0, 5)], 0.0),
        ([(4.0, 9)], None),
    ],
)
def test_gini(rows, expected):
    assert gini(rows) == expected


def test_small_libraries_are_not_compared():
    few, many = {"mean": 9.0, "holds": 4, "refused": 0}, {"holds": 9, "refused": 1}

    found = fairness([few, {**many, "mean": 2.0}, {**many, "mean": 5.0}])

    assert (found["compared"], found["ratio"]) == (2, 2.5)
