"""The interval holds what it says, and nothing is said where too little is known."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.circulation.waiting.law import FEWEST, SHARE, law_of, rounds_of
from bibliopolis.circulation.waiting.models import Ending

LAWS = {
    "as often early as late": lambda chance: chance.uniform(100, 300),
    "now and then very long": lambda chance: chance.lognormvariate(5, 0.8),
    "at any moment": lambda chance: chance.expovariate(1 / 150),
}


def seen(chance, law, number, patience=None):
    """Return waits by a law; readers with patience leave when it ends."""
    waits = []
    for _one in range(number):
        days = law(chance)
        left = chance.expovariate(1 / patience) if patience else days + 1
        waits.append((days, Ending.CAME) if days <= left else (left, Ending.LEFT))
    return waits


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("number", "patience"), [(60, None), (300, 600)])
def test_the_stated_share_of_new_waits_ends_within_it(name, number, patience):
    chance, law = Random(f"{name} {number}"), LAWS[name]
    inside = promised = 0

    for _night in range(150):
        interval = law_of(seen(chance, law, number, patience)).interval()
        new = [law(chance) for _one in range(20)]
        inside += sum(interval.lower <= days <= interval.upper for days in new)
        promised += len(new)

    assert SHARE - 0.02 <= inside / promised <= SHARE + 0.04


def test_it_holds_for_those_who_have_waited_already():
    chance, law = Random(7), LAWS["now and then very long"]
    inside = promised = 0

    for _night in range(60):
        interval = law_of(seen(chance, law, 300)).interval(waited=150)
        new = [days - 150 for days in (law(chance) for _one in range(40)) if days > 150]
        inside += sum(interval.lower <= days <= interval.upper for days in new)
        promised += len(new)

    assert SHARE - 0.03 <= inside / promised <= SHARE + 0.05


def test_who_left_does_not_make_the_wait_shorter():
    came = [(float(days), Ending.CAME) for days in range(1, 101)]
    left = [(1.5, Ending.LEFT)] * 100

    assert law_of([*came, *left]).interval().upper >= law_of(came).interval().upper


def test_who_still_waits_counts_as_long_as_they_have_waited():
    came = [(float(days), Ending.CAME) for days in range(1, 41)]
    still = [(60.0, None)] * 3

    assert law_of([*came, *still]).interval().upper > law_of(came).interval().upper


def test_nothing_is_promised_where_a_tenth_never_gets_a_copy():
    came = [(float(days), Ending.CAME) for days in range(1, 81)]

    assert law_of([*came, *[(3.0, Ending.NEVER)] * 4]).interval() is not None
    assert law_of([*came, *[(3.0, Ending.NEVER)] * 20]).interval() is None


def test_nothing_is_said_of_too_few():
    waits = [(float(days), Ending.CAME) for days in range(1, FEWEST + 1)]

    assert law_of(waits[1:]).interval() is None
    assert law_of(waits).interval() is not None
    assert law_of([]).interval() is None
    assert law_of(waits).interval(waited=5) is None


@given(
    st.lists(
        st.tuples(st.floats(0, 900), st.sampled_from([*Ending, None])), min_size=1, max_size=300
    ),
    st.floats(0, 400),
)
def test_it_is_always_ahead_and_never_empty(waits, waited):
    interval = law_of(waits).interval(waited)

    if interval is not None:
        assert 0 <= interval.lower < interval.upper
        assert interval.came >= FEWEST


def test_thousands_of_waits_leave_few_points():
    chance = Random(3)
    law = law_of(seen(chance, LAWS["at any moment"], 5000))
    few = law_of(seen(chance, LAWS["at any moment"], 60))

    assert len(law.points) <= 160
    assert len(few.points) == 60
    assert law.points[-1][2] == 0


@pytest.mark.parametrize(
    ("position", "copies", "free", "rounds"),
    [
        (1, 1, 1, 0),
        (1, 1, 0, 1),
        (2, 2, 1, 1),
        (3, 2, 0, 2),
        (6, 1, 0, 5),
        (7, 1, 0, 7),
        (9, 1, 0, 7),
        (200, 2, 1, 10),
    ],
)
def test_copies_go_round_until_one_is_for_the_reader(position, copies, free, rounds):
    assert rounds_of(position, copies, free) == rounds
