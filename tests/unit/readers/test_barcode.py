"""Bars as scanners read them."""

import string

from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.readers import barcode as code
from bibliopolis.readers.barcode import barcode, symbols


def read(values):
    """Read the symbols back, as a scanner does."""
    *data, check, stop = values
    assert stop == code.STOP
    assert check == (data[0] + sum(n * value for n, value in enumerate(data[1:], 1))) % 103
    in_pairs, text = data[0] == code.START_C, ""
    for value in data[1:]:
        if value == (code.SWITCH_TO_B if in_pairs else code.SWITCH_TO_C):
            in_pairs = not in_pairs
        else:
            text += f"{value:02}" if in_pairs else chr(value + 32)
    return text


@given(st.text(alphabet=string.digits + string.ascii_uppercase, min_size=1, max_size=40))
def test_what_is_printed_is_what_is_scanned(number):
    assert read(symbols(number)) == number


def test_a_well_known_code():
    # Beginning with start A its check is known to be 54; start B is one more.
    assert symbols("PJJ123C")[-2] == 55


def test_digits_are_printed_in_pairs():
    assert symbols("2104418417") == [
        105,
        21,
        4,
        41,
        84,
        17,
        (105 + 21 + 8 + 123 + 336 + 85) % 103,
        106,
    ]


def test_every_symbol_is_as_wide_as_the_standard_says():
    assert len(set(code.WIDTHS)) == 107
    assert {sum(map(int, widths)) for widths in code.WIDTHS[:-1]} == {11}
    assert sum(map(int, code.WIDTHS[-1])) == 13


def test_the_bars_fill_the_view_but_for_the_quiet_zones():
    bars = barcode("2104418417")

    assert bars.width == 10 + 7 * 11 + 13 + 10
    assert bars.path.startswith("M10 0")


def test_other_letters_have_no_bars():
    assert barcode("ЕЧБ7810") is None
