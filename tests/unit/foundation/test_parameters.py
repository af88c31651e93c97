"""Numbers in addresses and forms."""

from __future__ import annotations

import pytest
from pyramid.testing import DummyRequest

from bibliopolis.parameters import (
    batch,
    batching,
    offset,
    one_page,
    page_number,
    pager,
    read_day,
    row_id,
    whole_number,
)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.5", "٣", "²", "1 2", "99999999999", "x", None])
def test_what_is_no_plain_number_is_none(text):
    assert whole_number(text) is None


@pytest.mark.parametrize("text", ["0", "2147483648", "9999999999", "a"])
def test_what_no_column_could_hold_is_the_id_of_nothing(text):
    assert row_id(text) is None


def test_an_id_is_read():
    assert row_id("2147483647") == 2147483647


@pytest.mark.parametrize(
    "text", ["", "today", "2026-13-01", "0001-01-01", "9999-12-31", "20261124", "2026-W48-1"]
)
def test_what_is_no_day_is_none(text):
    assert read_day(text) is None


@pytest.mark.parametrize(("text", "page"), [("3", 3), ("0", 1), ("-2", 1), ("much", 1)])
def test_a_page_that_cannot_be_read_is_the_first(text, page):
    assert page_number(DummyRequest(params={"page": text})) == page


def test_a_page_past_the_end_is_the_last_where_the_end_is_known():
    request = DummyRequest(params={"page": "9"})

    assert offset(request, 10) == 80
    assert offset(request, 10, total=25) == 20
    assert offset(request, 10, total=0) == 0


@pytest.mark.parametrize(
    ("asked", "shown", "current"),
    [(None, "abc", 1), ("2", "def", 2), ("3", "g", 3), ("99", "g", 3), ("x", "abc", 1)],
)
def test_a_list_at_hand_is_cut_into_pages_and_its_pager_says_which(asked, shown, current):
    request = DummyRequest(params={"page": asked} if asked else {}, path="/list")

    rows, pager = one_page(request, "abcdefg", 3)

    assert rows == shown
    assert [one.number for one in pager.pages if one.current] == [current]


def test_a_pager_keeps_what_else_was_asked_for():
    request = DummyRequest(path="/ru/staff/people", params={"q": "a b", "page": "2"})

    assert pager(request, 100, 50).previous == "/ru/staff/people?q=a+b&page=1"


def test_a_batch_is_never_longer_than_the_largest():
    assert batch({}) == (None, 25)
    assert batch({"b_start": "50", "b_size": "1000"}, 20, 100) == (50, 100)
    assert batch({"b_start": "x", "b_size": "0"}, 20) == (None, 1)


def test_batches_lead_to_one_another():
    links = batching("/a", 45, 20, 20, [("q", "b c")])["batching"]

    assert links == {
        "@id": "/a?q=b+c&b_start=20&b_size=20",
        "first": "/a?q=b+c&b_start=0&b_size=20",
        "last": "/a?q=b+c&b_start=40&b_size=20",
        "next": "/a?q=b+c&b_start=40&b_size=20",
        "prev": "/a?q=b+c&b_start=0&b_size=20",
    }


def test_what_fits_into_one_batch_has_no_links():
    assert batching("/a", 20, 0, 20) == {}
