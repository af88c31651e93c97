"""The table of what is available where, and who follows it."""

import pytest
from sqlalchemy import event, select

from bibliopolis.catalogue import availability as module
from bibliopolis.catalogue.availability import Availability, AvailabilityFacet
from bibliopolis.catalogue.interfaces import ItemUse, UseKind
from bibliopolis.catalogue.models import Availability as Row
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemData, ItemStatus
from bibliopolis.search.documents import LiveChanges

from .conftest import description, readings


@pytest.fixture
def availability(db, in_use):
    return Availability(db, in_use)


@pytest.fixture
def book(db, importer):
    """A record with two copies in one library and one in another."""
    items = [ItemData(barcode=str(number), home="central") for number in (1, 2)]
    importer.take(readings(description(items=(*items, ItemData(barcode="3", home="harbour")))))
    return db.scalars(select(Record)).one()


def counts(availability, record, libraries):
    codes = {library.id: code for code, library in libraries.items()}
    held = select(Row).where(Row.record_id == record.id, Row.total > 0)
    rows = availability.db.scalars(held.execution_options(populate_existing=True))
    return {codes[one.library_id]: (one.total, one.available) for one in rows}


def item(db, barcode):
    return db.scalars(select(Item).where(Item.barcode == barcode)).one()


def test_an_import_counts_its_copies(availability, book, libraries):
    assert counts(availability, book, libraries) == {"central": (2, 2), "harbour": (1, 1)}


def test_a_copy_in_use_is_counted_but_not_available(db, availability, in_use, book, libraries):
    in_use.uses = {item(db, "1").id: ItemUse(UseKind.ON_LOAN)}

    availability.recompute([book.id])

    assert counts(availability, book, libraries) == {"central": (2, 1), "harbour": (1, 1)}


def test_a_withdrawn_copy_is_not_counted(db, availability, book, libraries):
    item(db, "3").status = ItemStatus.WITHDRAWN

    availability.recompute([book.id])

    assert counts(availability, book, libraries) == {"central": (2, 2)}


def test_a_copy_counts_where_it_is(db, availability, book, libraries):
    item(db, "1").holding_library_id = libraries["harbour"].id

    availability.recompute([book.id])

    assert counts(availability, book, libraries) == {"central": (1, 1), "harbour": (2, 2)}


def test_the_facet_tells_which_records_each_library_has(db, book):
    state = AvailabilityFacet().everything(db)

    assert state.sequence > 0
    assert {code: list(ids) for code, ids in state.values.items()} == {
        "central": [book.id],
        "harbour": [book.id],
    }


def test_everything_is_read_in_portions(db, availability, importer, monkeypatch):
    monkeypatch.setattr(module, "AT_LOADING", 7)
    importer.take(readings(*(description(n, items=(ItemData(barcode=str(n)),)) for n in range(20))))

    (ids,) = AvailabilityFacet().everything(db).values.values()

    assert list(ids) == db.scalars(select(Record.id).order_by(Record.id)).all()


def test_who_follows_the_sequence_hears_of_changes_only(db, availability, in_use, book):
    facet = AvailabilityFacet()
    known = facet.everything(db).sequence
    assert facet.changes_since(db, known) == LiveChanges(known, {})

    in_use.uses = {item(db, "3").id: ItemUse(UseKind.IN_TRANSIT)}
    availability.recompute([book.id])
    later = facet.changes_since(db, known)

    assert later.sequence > known
    assert later.changes == {book.id: ("central",)}


def test_what_is_gone_everywhere_is_told_as_empty(db, availability, book):
    facet = AvailabilityFacet()
    known = facet.everything(db).sequence
    for one in db.scalars(select(Item)):
        one.status = ItemStatus.WITHDRAWN

    availability.recompute([book.id])

    assert facet.changes_since(db, known).changes == {book.id: ()}


def test_counting_again_without_a_change_takes_no_number(db, availability, book):
    facet = AvailabilityFacet()
    before = facet.everything(db).sequence

    availability.recompute([book.id])

    assert facet.changes_since(db, before) == LiveChanges(before, {})


def test_a_number_from_the_future_is_answered_with_the_present_one(db, book):
    now = AvailabilityFacet().everything(db).sequence

    assert AvailabilityFacet().changes_since(db, now + 100) == LiveChanges(now, {})


def test_the_number_of_queries_does_not_grow_with_the_records(db, engine, availability, importer):
    importer.take(
        readings(*(description(n, items=(ItemData(barcode=str(n)),)) for n in range(100)))
    )
    ids = db.scalars(select(Record.id)).all()
    said = []

    def listen(*arguments):
        said.append(arguments[2])

    event.listen(engine, "before_cursor_execute", listen)
    availability.recompute(ids)
    event.remove(engine, "before_cursor_execute", listen)

    assert len(said) <= 3
