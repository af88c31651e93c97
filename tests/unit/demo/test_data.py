from collections import Counter

import pytest
from stdnum import isbn

from bibliopolis.demo.books import readings
from bibliopolis.demo.data_files import books, read

PREFIXES = {one["prefix"]: one["code"] for one in read("libraries")["libraries"]}
DATA = [reading.data for reading in readings(PREFIXES)]


def test_there_are_so_many_books_and_copies_as_promised():
    assert len(DATA) == 500
    assert sum(len(data.items) for data in DATA) == 1500


def test_copies_are_spread_unevenly_and_have_barcodes_of_their_own():
    homes = Counter(item.home for data in DATA for item in data.items)

    assert set(homes) == set(PREFIXES.values())
    assert max(homes.values()) > 2 * min(homes.values())
    assert len({item.barcode for data in DATA for item in data.items}) == 1500


def test_a_third_is_russian_and_many_languages_are_there():
    languages = Counter(language for data in DATA for language in data.languages)

    assert 0.3 < languages["ru"] / 500 < 0.36
    assert len(languages) > 30


def test_titles_are_unique_so_that_other_files_can_name_them():
    assert len({row["title"] for row in books()}) == 500


@pytest.mark.parametrize("number", [number for data in DATA for number in data.isbns])
def test_isbns_are_valid(number):
    assert isbn.is_valid(number)


@pytest.mark.parametrize("name", ["pages", "news", "events", "collections"])
def test_everything_is_written_in_russian(name):
    assert all("ru" in one for one in read(name)[name])


def test_what_is_named_exists():
    titles = {row["title"] for row in books()}
    cards = {one.get("card") for kind in ("people", "readers") for one in read("people")[kind]}

    assert {book["title"] for c in read("collections")["collections"] for book in c["books"]} <= (
        titles
    )
    assert {hold["title"] for hold in read("people")["holds"]} <= titles
    assert {hold["reader"] for hold in read("people")["holds"]} <= cards


def test_notes_are_written_in_every_language_of_their_collection():
    for collection in read("collections")["collections"]:
        languages = {"ru", "en", "ar"} & set(collection)
        assert all(languages <= set(book) for book in collection["books"])


def test_a_translation_is_found_by_its_original_title():
    translated = {data.title: data.alternative_titles for data in DATA if data.alternative_titles}

    assert translated["Маленький принц"] == ("Le Petit Prince",)
    assert translated["Crime and Punishment"] == ("Преступление и наказание",)


def test_facts_are_within_reason():
    for data in DATA:
        assert data.year is None or 1500 < data.year <= 2026, data.title
        assert "|" not in data.title
        if any("Детск" in subject for subject in data.subjects):
            assert data.kind == "serial" or data.age is not None, data.title
