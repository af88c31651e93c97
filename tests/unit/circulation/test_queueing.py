"""Another order for a queue: who is moved, and by which time they stand then."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.circulation.queueing import moved, stands, to_move, with_places

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({}, "abcde"),
        ({"e": 1}, "eabcd"),
        ({"a": 5}, "bcdea"),
        ({"a": 3}, "bcade"),
        ({"e": 1, "a": 5}, "ebcda"),
        ({"a": 2, "b": 1}, "bacde"),
    ],
)
def test_the_others_keep_their_order(places, order):
    assert "".join(with_places("abcde", places)) == order


@pytest.mark.parametrize(
    ("order", "number"),
    [("abcde", 0), ("eabcd", 1), ("bcdea", 1), ("bacde", 1), ("edcba", 4), ("badce", 2)],
)
def test_as_few_are_moved_as_can_be(order, number):
    assert len(moved("abcde", order)) == number


@st.composite
def whole_orders(draw, line):
    order = draw(st.permutations(line))
    return order, draw(st.sampled_from([moved(line, order), set(line)]))


@st.composite
def some_places(draw, line):
    some = draw(st.lists(st.sampled_from(line), unique=True))
    places = dict(zip(some, draw(st.permutations(range(1, len(line) + 1))), strict=False))
    order = with_places(line, places)
    return order, to_move(line, places, order)


@given(st.data())
def test_by_their_new_stands_they_come_in_the_new_order(data):
    number = data.draw(st.integers(1, 8))
    ids = list(range(number))
    # Times may be equal: whoever has the smaller number was before. Some begin later.
    known = {
        one: (data.draw(st.booleans()), NOW - timedelta(microseconds=data.draw(st.integers(-3, 5))))
        for one in ids
    }

    def place(one, stand):
        return (not stand[0], stand[1], one)

    line = sorted(ids, key=lambda one: place(one, known[one]))
    order, moving = data.draw(st.one_of(whole_orders(line), some_places(line)))

    changed = stands(order, known, moving, NOW)

    now = known | changed
    assert sorted(ids, key=lambda one: place(one, now[one])) == list(order)
    for first in (True, False):
        in_line = [one for one in order if now[one][0] is first]
        for one in takewhile(lambda one: known[one][1] <= NOW, in_line):
            assert now[one][1] <= NOW  # whoever comes tomorrow is behind it


def test_who_is_moved_stands_between_the_neighbours_and_nobody_else_is_touched():
    known = {n: (False, NOW - timedelta(hours=10 - n)) for n in range(5)}

    changed = stands([0, 3, 1, 2, 4], known, {3}, NOW)

    assert set(changed) == {3}
    assert known[0][1] < changed[3][1] < known[1][1]


@pytest.mark.parametrize(
    ("order", "moving", "first"),
    [
        ([2, 0, 1], {2}, True),  # before one that was put first it is put first itself
        ([0, 2, 1], {2}, False),  # behind the last of those it need not be
        ([1, 0, 2], {0}, False),  # who was put first is no more, behind who was not
    ],
)
def test_who_was_put_first_stays_before_the_others(order, moving, first):
    known = {0: (True, NOW), 1: (False, NOW), 2: (False, NOW)}

    (one,) = moving
    changed = stands(order, known, moving, NOW)

    assert changed[one][0] is first
    assert set(changed) >= moving
