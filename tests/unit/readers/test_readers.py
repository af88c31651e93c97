"""Readers are found by the card they show and the account they use."""

import pytest
from fixtures.lending import City

from bibliopolis.readers.services import Readers


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def reader(city):
    return city.reader(city.library(), person=city.person())


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{0[0]} {0[1]}-{0[2]}", "lower"])
def test_a_card_is_found_however_it_was_typed(db, clock, reader, typed):
    number = reader.card.number
    parts = (number[:2], number[2:5], number[5:])
    shown = {"{0}": number, " {0} ": f" {number} ", "lower": number.lower()}.get(
        typed, f"{parts[0]} {parts[1]}-{parts[2]}"
    )

    assert Readers(db, clock).by_card(shown) is reader


def test_an_unknown_card_is_nobodys(db, clock):
    assert Readers(db, clock).by_card("no such card") is None


def test_without_an_account_nobody_is_found(db, clock, city):
    city.reader(city.library())

    assert Readers(db, clock).of_person(None) is None


def test_accounts_ask_who_is_a_reader(db, clock, reader):
    readers = Readers(db, clock)

    assert readers.of_person(reader.person_id) is reader
    assert readers.reader_id_of(reader.person_id) == reader.id
    assert readers.person_id_by_card(reader.card.number) == reader.person_id
    assert readers.reader_id_of(-1) is None
