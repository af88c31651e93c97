"""Copies for holds where not every copy fits: as many as can be, the earlier first."""

import pytest

from bibliopolis.circulation.matching import match


@pytest.mark.parametrize(
    ("fitting", "pairs"),
    [
        ({"a": "12", "b": "12"}, {"a": "1", "b": "2"}),
        # The first takes the other copy, so that the second has one, too.
        ({"a": "12", "b": "1"}, {"a": "2", "b": "1"}),
        # Nothing fits the first: the others are served.
        ({"a": "", "b": "1", "c": "2"}, {"b": "1", "c": "2"}),
        # One copy that fits both is for the earlier.
        ({"a": "1", "b": "1"}, {"a": "1"}),
        # Along a chain of three.
        ({"a": "12", "b": "23", "c": "1"}, {"a": "2", "b": "3", "c": "1"}),
        # The last goes without, for nobody before may be left without.
        ({"a": "12", "b": "12", "c": "12"}, {"a": "1", "b": "2"}),
        ({}, {}),
    ],
)
def test_who_gets_what(fitting, pairs):
    found = match(
        list(fitting), ["1", "2", "3"], lambda hold, copy: copy in fitting[hold], lambda *_one: 0
    )

    assert dict(found) == pairs


def test_the_copy_that_is_worth_most_is_taken():
    found = match(["a"], ["1", "2"], lambda *_one: True, lambda _hold, copy: copy != "2")

    assert found == [("a", "2")]
