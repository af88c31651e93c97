"""Which hold gets a copy: Evergreen's orders, its holds-go-home, and Koha's local priority.

The city is that of the permits: okhta and vyborg are of the north, fontanka is of the south; okhta
and fontanka are the group "river". The copy belongs to okhta.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from bibliopolis.circulation.choosing import (
    ORDERS,
    Candidate,
    Choice,
    Event,
    in_order,
    local_rank,
    should_go_home,
    waits_for_local,
)
from bibliopolis.circulation.permits import CopyFacts
from bibliopolis.circulation.rules.geography import Geography
from bibliopolis.circulation.rules.loading import Distance
from bibliopolis.circulation.rules.order_names import PRESETS

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ABOVE = {
    "city": None,
    "north": "city",
    "south": "city",
    "okhta": "north",
    "vyborg": "north",
    "fontanka": "south",
}
COPY = CopyFacts(1, "okhta", "okhta", "book")


def hold(number, pickup="okhta", home=None, days=10, **more):
    placed = NOW - timedelta(days=days)
    return Candidate(number, pickup, home or pickup, placed, **more)


def choice(desk="okhta", distances=(), copy=COPY, **more):
    geography = Geography(ABOVE, {"river": ("okhta", "fontanka")}, tuple(distances))
    return Choice(replace(copy, holding=desk), desk, geography, **more)


def first(holds, order, **more):
    return in_order(holds, choice(**more), order)[0].id


# The old one waits longest but far away; the near one is collected where the copy lies now,
# at fontanka; the home one is collected at the copy's own library.
OLD = hold(1, "vyborg", days=30)
NEAR = hold(2, "fontanka", days=20)
HOME = hold(3, "okhta", days=10)


@pytest.mark.parametrize(
    ("order", "go_home", "wins"),
    [
        ("traditional", False, 2),
        ("traditional", True, 2),
        ("traditional_always_home", False, 3),
        ("traditional_home", False, 2),
        ("traditional_home", True, 3),
        ("fifo", False, 1),
        ("fifo", True, 1),
        ("fifo_always_home", False, 3),
        ("fifo_home", False, 1),
        ("fifo_home", True, 3),
        ("chase_home", False, 3),
    ],
)
def test_each_order_has_its_own_winner(order, go_home, wins):
    for holds in permutations([OLD, NEAR, HOME]):
        assert first(holds, order, desk="fontanka", go_home=go_home) == wins


def test_the_orders_are_those_staff_can_choose():
    assert set(ORDERS) == set(PRESETS)


@pytest.mark.parametrize("order", sorted(ORDERS))
def test_of_equals_the_earlier_comes_first_and_then_the_smaller_id(order):
    equal = [hold(5), hold(4), hold(6)]

    assert [one.id for one in in_order(equal, choice(), order)] == [4, 5, 6]
    assert first([hold(1, days=3), hold(2, days=4)], order) == 2


@pytest.mark.parametrize(
    ("order", "wins"),
    [("fifo", 2), ("fifo_home", 2), ("traditional", 1)],  # Evergreen: proximity goes before
)
def test_who_cuts_in_line(order, wins):
    holds = [hold(1, "okhta", days=30), hold(2, "fontanka", days=1, cut_in_line=True)]

    assert first(holds, order) == wins


def test_a_way_that_is_shorter_than_the_tree_says_counts_one_way_only():
    near, made_near = hold(1, "vyborg"), hold(2, "fontanka")
    there = Distance("okhta", "fontanka", 1, absolute=True)
    back = Distance("fontanka", "okhta", 1, absolute=True)

    assert first([near, made_near], "traditional", distances=[there]) == 2
    assert first([near, made_near], "traditional", distances=[back]) == 1


@pytest.mark.parametrize(
    ("distances", "item_type", "steps"),
    [
        ([], "book", 4),
        ([Distance("okhta", "fontanka", 1, True)], "book", 1),
        ([Distance("okhta", "south", 3, True)], "book", 3),  # of a system: for its libraries
        # Of two the one of the nearer organisations.
        ([Distance("north", "south", 9, True), Distance("okhta", "fontanka", 2, True)], "book", 2),
        ([Distance("okhta", "fontanka", 2, False)], "book", 6),  # added to the tree's
        ([Distance("okhta", "city", 1, False), Distance("north", "south", 1, False)], "book", 6),
        ([Distance("okhta", "fontanka", -9, False)], "book", 0),
        ([Distance("okhta", "fontanka", 1, True, "film")], "book", 4),
        ([Distance("okhta", "fontanka", 1, True, "film")], "film", 1),
    ],
)
def test_distances(distances, item_type, steps):
    geography = Geography(ABOVE, {}, tuple(distances))

    assert geography.steps("okhta", "fontanka", item_type) == steps
    assert geography.steps("fontanka", "okhta", item_type) == 4


@pytest.mark.parametrize(
    ("mode", "pickup", "rank"),
    [
        ("none", "okhta", 2),
        ("give_library", "okhta", 0),
        ("give_library", "fontanka", 2),
        ("give_library_and_group", "okhta", 0),
        ("give_library_and_group", "fontanka", 1),
        ("give_library_and_group", "vyborg", 2),
        ("give_library_group", "okhta", 0),
        ("give_library_group", "fontanka", 0),
        ("give_library_group", "vyborg", 2),
    ],
)
def test_how_local_a_hold_is(mode, pickup, rank):
    assert local_rank(hold(1, pickup, local_priority=mode), choice()) == rank


@pytest.mark.parametrize(
    ("reader", "item", "rank"),
    [
        ("pickup", "home", 2),  # collected at vyborg, of okhta
        ("pickup", "holding", 0),  # collected at vyborg, lies there
        ("home", "home", 0),
        ("home", "holding", 2),
    ],
)
def test_what_makes_a_reader_and_a_copy_local(reader, item, rank):
    wanted = hold(1, "vyborg", "okhta", local_priority="give_library")
    here = choice("vyborg", local_reader=reader, local_item=item)

    assert local_rank(wanted, here) == rank


def test_local_readers_come_before_all_others_whatever_the_order():
    far = hold(1, "vyborg", days=30, cut_in_line=True)
    local = hold(2, "okhta", days=1, local_priority="give_library")

    for order in ORDERS:
        assert first([far, local], order, desk="vyborg") == 2


def test_an_excluded_category_is_not_preferred():
    # Koha: an item type or a category of readers may be left out of local priority.
    excluded = hold(1, "okhta", days=1, local_priority="none")

    assert first([excluded, hold(2, "vyborg", days=5, local_priority="give_library")], "fifo") == 2


@pytest.mark.parametrize(
    ("pickup", "sought", "days", "placed", "waits"),
    [
        ("okhta", True, 7, 3, True),  # Koha: LocalHoldsExclusivityPeriod
        ("okhta", True, 7, 7, False),  # then any copy may fill it
        ("okhta", True, 0, 3, False),
        ("okhta", False, 7, 3, False),  # no copy is looked for
        ("vyborg", True, 7, 3, False),  # the one that is looked for is not local either
    ],
)
def test_a_hold_is_left_to_the_local_copy_for_some_days(pickup, sought, days, placed, waits):
    elsewhere = choice("fontanka", copy=replace(COPY, home="north"))
    local = choice() if sought else None

    found = waits_for_local(hold(1, pickup, days=placed), elsewhere, local, days, NOW)

    assert found is waits


def test_wherever_staff_move_a_hold_its_days_for_a_local_copy_count_from_when_it_was_asked_for():
    elsewhere = choice("fontanka", copy=replace(COPY, home="north"))

    for placed, asked, waits in ((9, 3, True), (3, 9, False)):
        moved = hold(1, days=placed, requested=days_ago(asked))
        assert waits_for_local(moved, elsewhere, choice(), 7, NOW) is waits
    begun = replace(moved, wanted_since=days_ago(3))
    assert waits_for_local(begun, elsewhere, choice(), 7, NOW), "it began later than it was asked"


def days_ago(days):
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("events", "goes"),
    # Evergreen, holds go home, an interval of 180 days
    [
        ([], False),  # no history: at home now
        ([Event(days_ago(1), "okhta")], False),  # the last event was at home
        ([Event(days_ago(400), "okhta")], False),
        ([Event(days_ago(1), "vyborg"), Event(days_ago(90), "okhta")], False),  # lent at home
        ([Event(days_ago(1), "vyborg"), Event(days_ago(200), "okhta")], True),
        ([Event(days_ago(1), "vyborg"), Event(days_ago(90), "vyborg", "okhta")], False),  # left
        ([Event(days_ago(1), "vyborg"), Event(days_ago(90), "okhta", "vyborg")], False),  # came
        ([Event(days_ago(1), "vyborg"), Event(days_ago(200), "vyborg", "okhta")], True),
        ([Event(days_ago(1), "vyborg"), Event(days_ago(2), "fontanka")], True),
    ],
)
def test_whether_a_copy_has_been_away_for_too_long(events, goes):
    for order in permutations(events):
        assert should_go_home("okhta", order, timedelta(days=180), NOW) is goes


@pytest.mark.parametrize(
    ("distances", "closed"),
    [
        ([], False),
        ([Distance("okhta", "fontanka", 0, False, None, True)], True),
        ([Distance("fontanka", "okhta", 0, False, None, True)], False),  # the way back
        ([Distance("north", "south", 0, False, None, True)], True),  # of a system: its libraries
        ([Distance("okhta", "fontanka", 0, False, "film", True)], False),  # films only
        # Of two that of the nearer organisations.
        (
            [
                Distance("north", "south", 0, False, None, True),
                Distance("okhta", "fontanka", 2, True),
            ],
            False,
        ),
        (
            [
                Distance("north", "south", 2, True),
                Distance("okhta", "fontanka", 0, False, None, True),
            ],
            True,
        ),
        # What is added to a way neither opens nor closes it.
        (
            [
                Distance("north", "south", 0, False, None, True),
                Distance("okhta", "fontanka", 2, False),
            ],
            True,
        ),
    ],
)
def test_ways_that_are_closed(distances, closed):
    """Koha's transport cost matrix: a way may be disabled."""
    geography = Geography(ABOVE, {}, tuple(distances))

    assert geography.is_closed("okhta", "fontanka", "book") is closed
    assert geography.steps("okhta", "fontanka", "book") >= 2
    assert not geography.is_closed("okhta", "okhta", "book")
