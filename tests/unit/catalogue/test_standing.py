"""The table of what can be taken now, and why not."""

from datetime import date

import pytest

from bibliopolis.catalogue.interfaces import ItemUse, UseKind
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.catalogue.standing import Words, availability_of
from bibliopolis.parts import Available

TODAY = date(2026, 12, 1)
NO_USE = [
    (ItemStatus.LENDABLE, True, Available.IN, "on the shelf"),
    (ItemStatus.READING_ROOM, False, Available.PROBLEM, "reading room only"),
    (ItemStatus.ON_ORDER, False, Available.WAIT, "on order"),
    (ItemStatus.LENT_ELSEWHERE, False, Available.OUT, "on loan"),
    (ItemStatus.LOST, False, Available.PROBLEM, "lost"),
    (ItemStatus.DAMAGED, False, Available.OUT, "being repaired"),
    (ItemStatus.WITHDRAWN, False, Available.PROBLEM, "withdrawn"),
]
IN_USE = [
    (UseKind.ON_LOAN, Available.OUT, "on loan"),
    (UseKind.IN_TRANSIT, Available.WAIT, "on its way to another library"),
    (UseKind.ON_HOLD_SHELF, Available.WAIT, "reserved for another reader"),
    (UseKind.REQUESTED, Available.WAIT, "reserved for another reader"),
    (UseKind.MISSING, Available.PROBLEM, "being searched for"),
    (UseKind.RESHELVING, Available.WAIT, "on its way back to the shelf"),
]


@pytest.mark.parametrize(("status", "available", "tone", "text"), NO_USE)
def test_a_copy_nobody_uses_stands_as_its_status_says(status, available, tone, text):
    standing = availability_of(status)

    assert (standing.available, standing.tone, str(standing.text)) == (available, tone, text)


@pytest.mark.parametrize(("kind", "tone", "text"), IN_USE)
@pytest.mark.parametrize("status", [s for s in ItemStatus if s is not ItemStatus.WITHDRAWN])
def test_a_copy_in_use_is_never_available(status, kind, tone, text):
    standing = availability_of(status, ItemUse(kind))

    assert (standing.available, standing.tone, str(standing.text)) == (False, tone, text)


def test_both_tables_are_complete():
    assert {row[0] for row in NO_USE} == set(ItemStatus)
    assert {row[0] for row in IN_USE} == set(UseKind)


def test_a_copy_under_way_says_where_it_goes():
    standing = availability_of(
        ItemStatus.LENDABLE, ItemUse(UseKind.IN_TRANSIT, 3), Words({3: "Fontanka"})
    )

    assert standing.text.interpolate() == "on its way to Fontanka"


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (date(2026, 12, 4), "on loan until the 4th"),
        (TODAY, "on loan until the 1st"),
        (date(2026, 11, 30), "on loan, overdue"),
        (None, "on loan"),
    ],
)
def test_a_copy_on_loan_says_until_when(due, said):
    words = Words(today=TODAY, write_day=lambda day: {4: "the 4th", 1: "the 1st"}[day.day])

    standing = availability_of(ItemStatus.LENDABLE, ItemUse(UseKind.ON_LOAN, due=due), words)

    assert (standing.text.interpolate(), standing.available) == (said, False)


def test_a_copy_on_loan_says_how_many_wait_for_it():
    words = Words(today=TODAY, waiting=2, write_day=lambda day: "4 December")

    text = availability_of(
        ItemStatus.LENDABLE, ItemUse(UseKind.ON_LOAN, due=date(2026, 12, 4)), words
    ).text

    assert (text.plural, text.n) == ("on loan until ${date}, ${n} readers are waiting", 2)
    assert text.mapping == {"date": "4 December"}


@pytest.mark.parametrize(
    ("opens", "said"),
    [
        (date(2026, 12, 4), "on the shelf; the library is closed until the 4th"),
        (None, "on the shelf; the library is closed until further notice"),
    ],
)
def test_a_copy_in_a_closed_library_says_until_when(opens, said):
    words = Words(closed={3: opens}, today=TODAY, write_day=lambda day: f"the {day.day}th")

    closed = availability_of(ItemStatus.LENDABLE, None, words, library_id=3)
    elsewhere = availability_of(ItemStatus.LENDABLE, None, words, library_id=4)

    assert (closed.code, closed.tone, closed.text.interpolate()) == ("closed", Available.WAIT, said)
    assert (elsewhere.code, str(elsewhere.text)) == ("on_shelf", "on the shelf")


@pytest.mark.parametrize("status", [s for s in ItemStatus if s is not ItemStatus.LENDABLE])
def test_a_closed_library_makes_no_copy_better_than_it_is(status):
    words = Words(closed={3: TODAY}, today=TODAY)

    assert availability_of(status, None, words, library_id=3) == availability_of(status)


def test_a_status_nobody_knows_is_not_called_available():
    assert not availability_of("teleported").available
