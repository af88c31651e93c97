"""What may be typed as the value of a rule."""

import pytest

from bibliopolis.circulation.rules import NAMES
from bibliopolis.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("max_holds", "", None),  # Koha: blank is unlimited
        ("max_holds", " ", None),
        ("max_holds", "0", 0),  # Koha: 0 is forbidden
        ("max_holds", " 12 ", 12),
        ("loan_days", "21", 21),
        ("holdable", "no", False),
        ("fulfilment", "holdgroup", "holdgroup"),
        ("pickup_groups", "", None),
        ("pickup_groups", "north, lockers", ["north", "lockers"]),
    ],
)
def test_what_is_typed_is_read_and_written_back(name, typed, value):
    kind = NAMES[name].kind

    read = kind.parse(typed)

    assert read == value
    assert kind.parse(kind.write(read)) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("max_holds", "-1"),
        ("max_holds", "many"),
        ("max_holds", "10000"),
        ("max_holds", "1.5"),
        ("loan_days", ""),
        ("loan_days", "0"),
        ("loan_days", "366"),
        ("holdable", ""),
        ("holdable", "maybe"),
        ("fulfilment", "everybody"),
        ("not_held_from", "x" * 201),
    ],
)
def test_what_is_no_value_is_refused(name, typed):
    with pytest.raises(InvalidInput):
        NAMES[name].kind.parse(typed)


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_holds", True), ("loan_days", "21"), ("holdable", 1), ("pickup_groups", "north")],
)
def test_a_value_of_another_type_is_refused(name, value):
    with pytest.raises(InvalidInput):
        NAMES[name].kind.check(value)
