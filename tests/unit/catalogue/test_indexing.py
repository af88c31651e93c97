"""What of a record can be found, and what a found record looks like."""

from types import SimpleNamespace

import pytest
from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy import select

from bibliopolis.catalogue import indexing
from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import Contributor, ItemData, ItemStatus
from bibliopolis.parts import Available
from bibliopolis.search.documents import Hit

from .conftest import description, readings


@pytest.fixture
def request_(app, db, tm):
    """A request of the site in English, on the session of the test."""
    blank = Request.blank(
        "/en/catalogue",
        environ={"tm.active": True, "tm.manager": tm, "bibliopolis.db": db},
    )
    with prepare(blank, registry=app.registry) as environment:
        yield environment["request"]


@pytest.fixture
def book(db, importer):
    data = description(
        title="Sindrom Petrushki",
        subtitle="roman",
        alternative_titles=("Синдром Петрушки : роман",),
        contributors=(
            Contributor("Rubina, Dina", original="Рубина, Дина"),
            Contributor("Ivanov, I.", "illustrator"),
        ),
        year=2010,
        languages=("ru", "he"),
        isbns=("9785699456116",),
        issns=("0028-0836",),
        subjects=("Dolls — Fiction", "Dolls — History", "Куклы"),
        items=(
            ItemData("1", home="central", shelf_mark="84(2)6"),
            ItemData("2", home="harbour", shelf_mark="84(2)6"),
            ItemData("3", home="harbour", status=ItemStatus.WITHDRAWN, shelf_mark="gone"),
        ),
    )
    importer.take(readings(data))
    return db.scalars(select(Record)).one()


def only_document(request, record):
    [document] = indexing.documents(request, [record.id])
    return document


def test_a_record_is_found_by_its_words_names_and_numbers(request_, book):
    document = only_document(request_, book)

    assert document.key == f"record:{book.id}"
    assert document.title == "Sindrom Petrushki: roman"
    assert document.other_titles == ("Синдром Петрушки : роман",)
    assert document.names == ("Rubina, Dina", "Рубина, Дина", "Ivanov, I.")
    assert set(document.identifiers) == {"9785699456116", "0028-0836", "84(2)6"}


def test_facets_name_what_a_reader_narrows_by(request_, book):
    facets = only_document(request_, book).facets

    assert {name: set(values) for name, values in facets.items()} == {
        "kind": {"book"},
        "library": {"central", "harbour"},
        "language": {"ru", "he"},
        "year": {"2010"},
        "subject": {"Dolls", "Куклы"},
        "author": {"Рубина, Дина"},
        "class": set(),
    }


def test_parts_are_found_in_their_own_field(request_, book):
    book.publisher, book.series = "Эксмо", ["Большая литература"]

    assert only_document(request_, book).parts == {
        "publisher": ("Эксмо",),
        "series": ("Большая литература",),
        "shelf": ("84(2)6",),
    }


def test_everyone_may_find_a_record(request_, book):
    assert only_document(request_, book).allowed == {"everyone"}


def test_a_withdrawn_record_is_not_found(request_, db, book):
    book.withdrawn = True
    db.flush()

    assert list(indexing.documents(request_, [book.id])) == []
    assert indexing.rows(request_, [hit(book)]) == {}


def hit(record):
    return Hit(f"record:{record.id}", ("record", record.id), "record", "ru")


def test_a_row_says_whether_it_can_be_had(request_, book):
    row = indexing.rows(request_, [hit(book)])[f"record:{book.id}"]

    assert (row.title, row.by) == ("Sindrom Petrushki: roman", "Дина Рубина")
    assert (row.url, row.lang) == (f"/en/catalogue/{book.id}", "ru-Latn")
    [status] = row.statuses
    assert (status.kind, status.text.interpolate()) == (Available.IN, "In the city: 2")
    assert row.json["copies_available"] == 2


def test_a_row_names_the_readers_own_library_first(request_, book):
    request_.cookies["my_library"] = "harbour"

    row = indexing.rows(request_, [hit(book)])[f"record:{book.id}"]

    assert [status.text.interpolate() for status in row.statuses] == [
        "In my library: 1",
        "In the city: 2",
    ]


def test_a_row_says_that_all_copies_are_out(request_, db, in_use, book):
    for item in db.scalars(select(Item)):
        item.status = ItemStatus.LOST
    Availability(db, in_use).recompute([book.id])

    row = indexing.rows(request_, [hit(book)])[f"record:{book.id}"]

    assert [status.kind for status in row.statuses] == [Available.OUT]


def test_hits_of_records_that_are_gone_are_left_out(request_):
    assert indexing.rows(request_, [hit(SimpleNamespace(id=99999))]) == {}
