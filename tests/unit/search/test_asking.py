"""Reading the address of the search page, and drawing years."""

import pytest
from webob.multidict import MultiDict

from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import Sort
from bibliopolis.search.histogram import make_histogram


def read(*pairs):
    return Asked.read(MultiDict(pairs))


def test_an_address_says_the_same_when_it_is_written_again():
    asked = read(
        ("q", "война и мир"),
        ("kind", "book"),
        ("kind", "audio"),
        ("lib", "a&b"),
        ("from", "1900"),
        ("sort", "title"),
        ("page", "3"),
        ("exact", "1"),
    )

    assert asked.address("/ru/catalogue") == (
        "/ru/catalogue?q=%D0%B2%D0%BE%D0%B9%D0%BD%D0%B0+%D0%B8+%D0%BC%D0%B8%D1%80"
        "&kind=book&kind=audio&lib=a%26b&from=1900&sort=title&exact=1&page=3"
    )
    assert Asked.read(MultiDict(asked.parameters())) == asked


def test_removing_a_filter_goes_back_to_the_first_page():
    asked = read(("kind", "book"), ("kind", "audio"), ("page", "3"))

    assert asked.without("kind", "book").parameters() == [("kind", "audio")]
    assert asked.widened().parameters() == []


def test_years_the_wrong_way_round_are_turned():
    asked = read(("from", "2000"), ("to", "1900"))

    assert (asked.year_from, asked.year_to) == (1900, 2000)


@pytest.mark.parametrize("page", ["", "-1", "0", "x", "1e9", "²", "99999999"])
def test_a_page_that_is_no_number_is_the_first(page):
    assert read(("page", page)).page == 1


def test_what_is_unknown_counts_as_not_said():
    assert read(("sort", "best"), ("colour", "red"), ("kind", " ")) == Asked()
    assert read(("sort", "newest")).sort is Sort.NEWEST


def test_years_become_bars_of_even_width():
    histogram = make_histogram([("1866", 1), ("1999", 4), ("2020", 2)], 1990, None, 2026)

    assert histogram is not None
    assert {bar.last - bar.first for bar in histogram.bars} == {4}
    assert sum(bar.count for bar in histogram.bars) == 7
    assert [bar.first for bar in histogram.bars if bar.count and bar.chosen] == [1995, 2020]
    assert (histogram.tallest.first, histogram.tallest.last) == (1995, 1999)


def test_a_wrong_year_does_not_stretch_the_picture():
    histogram = make_histogram([("1", 1), ("1999", 4), ("2020", 2), ("9999", 1)], None, None, 2026)

    assert histogram is not None
    assert histogram.first >= 1400
    assert len(histogram.bars) <= 31


def test_too_few_years_are_not_drawn():
    assert make_histogram([("1999", 4), ("2020", 2)], None, None, 2026) is None
    assert make_histogram([], None, None, 2026) is None
