"""No cell of a list becomes a formula, and no other text is touched."""

import pytest

from bibliopolis.spreadsheets import harmless


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+7 812 555-01-10", "'+7 812 555-01-10"),
        ("\t=1+1", "'\t'=1+1"),
        ("84;=1+1;-", "84;'=1+1;'-"),
        ("a,@SUM(A1)", "a,'@SUM(A1)"),
        ("a\r\n=1+1", "a\r\n'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("War and Peace - 2", "War and Peace - 2"),
        ("two\r\n\r\nlines", "two\r\n\r\nlines"),
        ("", ""),
    ],
)
def test_what_could_begin_a_formula_is_text(cell, kept):
    assert harmless(cell) == kept
