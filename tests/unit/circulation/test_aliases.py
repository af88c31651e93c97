"""What stands on slips: one alias for one hold, typed in any way, telling nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bibliopolis.circulation.services.aliases import Aliases

ALIASES = Aliases("a secret of the test")
LARGEST = 1_900_000_000
"""More holds than a city places in a thousand years."""


@given(st.integers(1, LARGEST))
@example(120_999)
@example(121_000)
@example(121_000 * 12)
def test_an_alias_leads_back_to_its_hold_alone(hold_id):
    assert ALIASES.hold_id(ALIASES.of(hold_id)) == hold_id


def test_no_two_of_a_long_series_are_alike():
    assert len({ALIASES.of(hold_id) for hold_id in range(120_000, 123_000)}) == 3000


def test_it_is_short_until_there_are_very_many_holds():
    assert [len(ALIASES.of(hold_id)) for hold_id in (1, 120_999, 121_000)] == [6, 6, 8]


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda alias: alias.replace(" ", ""),
        lambda alias: alias.replace(" ", "-"),
        lambda alias: alias.translate(str.maketrans("ABCEHKMPTXY", "АВСЕНКМРТХУ")),
    ],
    ids=["small letters", "no space", "hyphen", "Cyrillic letters"],
)
def test_it_is_known_however_it_is_typed(change):
    assert ALIASES.hold_id(change(ALIASES.of(4711))) == 4711


@pytest.mark.parametrize("typed", ["", "KT", "477", "KT 47", "OT 477", "KT 4777", "KT 477 ABCEH"])
def test_anything_else_is_no_alias(typed):
    assert ALIASES.hold_id(typed) is None


def test_neighbours_and_other_sites_tell_nothing():
    """Whoever knows an alias cannot say which came before, nor what another site writes."""
    pairs = [ALIASES.of(hold_id)[:2] for hold_id in range(1, 40)]

    assert len(set(pairs)) > 20
    assert Aliases("another secret").of(1) != ALIASES.of(1)
