"""Taking batches of descriptions in: what is new, changed, gone, and what stays."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.import_items import NOT_IN_HANDS
from bibliopolis.catalogue.interfaces import ItemUse, UseKind
from bibliopolis.catalogue.models import Availability, Item, Record, SourceRecord
from bibliopolis.catalogue.record_data import Contributor, ItemData, ItemStatus
from bibliopolis.outbox import OutboxRow, Priority

from .conftest import description, readings


def copy(barcode, **more):
    return ItemData(barcode=barcode, shelf_mark="84Р6 Ш78", **more)


def numbers(taken):
    counts = taken.counts
    return (counts.created, counts.updated, counts.unchanged)


def item_numbers(taken):
    counts = taken.counts
    return (counts.items_created, counts.items_updated, counts.items_withdrawn)


def statuses(db):
    return dict(map(tuple, db.execute(select(Item.barcode, Item.status))))


def stored(db):
    """Return everything an import writes, without times."""
    return [
        [
            {name: value for name, value in row._mapping.items() if name != "changed"}
            for row in db.execute(select(table).order_by(*table.primary_key))
        ]
        for table in (
            Record.__table__,
            SourceRecord.__table__,
            Item.__table__,
            Availability.__table__,
        )
    ]


def test_a_new_description_becomes_a_record_with_its_copies(db, importer, libraries):
    data = description(
        contributors=(Contributor("Шолохов, Михаил", dates="1905-1984"),),
        year=1940,
        items=(copy("1"), copy("2", home="harbour", volume="т. 2")),
    )

    taken = importer.take(readings(data))

    record = db.scalars(select(Record)).one()
    items = db.scalars(select(Item).order_by(Item.barcode)).all()
    assert numbers(taken) == (1, 0, 0)
    assert (record.control_number, record.author, record.sort_key) == (
        "n1",
        "Шолохов, Михаил",
        "тихий дон",
    )
    assert [(item.library_id, item.shelf_mark) for item in items] == [
        (libraries["central"].id, "84Р6 Ш78"),
        (libraries["harbour"].id, "84Р6 Ш78 т. 2"),
    ]


def test_the_same_again_changes_nothing(db, importer):
    batch = readings(*(description(n, items=(copy(str(n)),)) for n in range(5)))
    importer.take(batch)
    before = stored(db)
    db.query(OutboxRow).delete()

    taken = importer.take(batch)

    assert numbers(taken) == (0, 0, 5)
    assert stored(db) == before
    assert db.scalars(select(OutboxRow)).all() == []


def test_a_changed_description_is_updated_and_keeps_its_address(db, importer):
    importer.take(readings(description()))
    before = db.scalars(select(Record)).one()
    address = (before.id, before.uid)

    taken = importer.take(readings(description(title="Тихий Дон. Роман")))

    db.expire_all()
    after = db.scalars(select(Record)).one()
    assert numbers(taken) == (0, 1, 0)
    assert (after.id, after.uid) == address
    assert after.title == "Тихий Дон. Роман"


def test_what_changed_waits_for_the_index_behind_what_people_do(db, importer):
    importer.take(readings(description(1), description(2)))

    rows = db.scalars(select(OutboxRow).order_by(OutboxRow.key)).all()

    records = db.scalars(select(Record.id).order_by(Record.id)).all()
    assert [row.key for row in rows] == [f"record:{record_id}" for record_id in records]
    assert {(row.topic, row.priority) for row in rows} == {("index", Priority.BULK)}


def test_copies_are_changed_where_the_file_says_so(db, importer):
    importer.take(readings(description(items=(copy("1"), copy("2")))))

    taken = importer.take(
        readings(description(items=(copy("1", status=ItemStatus.LOST), copy("2"), copy("3"))))
    )

    assert item_numbers(taken) == (1, 1, 0)
    assert statuses(db) == {"1": "lost", "2": "lendable", "3": "lendable"}


def test_a_copy_that_is_gone_from_the_file_is_withdrawn_not_deleted(db, importer):
    importer.take(readings(description(items=(copy("1"), copy("2")))))

    taken = importer.take(readings(description(items=(copy("2"),))))

    assert item_numbers(taken) == (0, 0, 1)
    assert statuses(db) == {"1": "withdrawn", "2": "lendable"}


def test_a_withdrawn_copy_comes_back_with_the_file(db, importer):
    both = readings(description(items=(copy("1"), copy("2"))))
    importer.take(both)
    importer.take(readings(description(items=(copy("2"),))))

    importer.take(both)

    assert statuses(db) == {"1": "lendable", "2": "lendable"}


def test_what_the_desk_says_of_a_copy_stays_until_the_file_says_something_new(db, importer):
    importer.take(readings(description(items=(copy("1"),))))
    db.scalars(select(Item)).one().status = ItemStatus.DAMAGED
    db.flush()

    importer.take(readings(description(title="Тихий Дон!", items=(copy("1"),))))

    assert statuses(db) == {"1": "damaged"}


@pytest.mark.parametrize("kind", [UseKind.REQUESTED, UseKind.MISSING])
def test_a_copy_that_nobody_has_is_withdrawn_though_it_is_looked_for(db, importer, in_use, kind):
    importer.take(readings(description(items=(copy("1"), copy("2")))))
    in_use.uses = {db.scalar(select(Item.id).where(Item.barcode == "1")): ItemUse(kind)}

    taken = importer.take(readings(description(items=(copy("2"),))))

    assert statuses(db) == {"1": "withdrawn", "2": "lendable"}
    assert taken.remarks == []


@pytest.mark.parametrize("kind", [one for one in UseKind if one not in NOT_IN_HANDS])
def test_a_copy_in_use_is_not_withdrawn_and_tried_again_later(db, importer, in_use, kind):
    importer.take(readings(description(items=(copy("1"), copy("2")))))
    lent = db.scalar(select(Item.id).where(Item.barcode == "1"))
    in_use.uses = {lent: ItemUse(kind)}
    shorter = readings(description(items=(copy("2"),)))

    first = importer.take(shorter)
    again = importer.take(shorter)
    in_use.uses = {}
    last = importer.take(shorter)

    assert statuses(db) == {"1": "withdrawn", "2": "lendable"}
    assert (numbers(first), numbers(again), numbers(last)) == ((0, 1, 0), (0, 0, 1), (0, 1, 0))
    [(number, remark)] = first.remarks
    assert number == "n1"
    assert "copy 1 is in a reader's hands" in remark.interpolate()


def test_circulation_hears_of_records_whose_copies_may_have_changed(db, importer, in_use):
    importer.take(readings(description(items=(copy("1"),))))
    record_id = db.scalar(select(Item.record_id))
    assert in_use.told == [record_id]

    importer.take(readings(description(items=(copy("1"),))))

    assert in_use.told == [record_id]


def test_a_copy_that_another_record_has_stays_there(db, importer):
    importer.take(readings(description(1, items=(copy("1"),))))

    taken = importer.take(readings(description(2, items=(copy("1"), copy("2")))))

    owners = dict(
        map(tuple, db.execute(select(Item.barcode, Record.control_number).join(Item.record)))
    )
    assert owners == {"1": "n1", "2": "n2"}
    assert "belongs to another record" in taken.remarks[0][1].interpolate()


def test_a_copy_moves_once_its_record_has_let_it_go(db, importer):
    importer.take(readings(description(1, items=(copy("1"),))))
    later = readings(description(2, items=(copy("1"),)))
    importer.take(later)
    importer.take(readings(description(1)))

    importer.take(later)

    item = db.scalars(select(Item)).one()
    assert (item.status, item.record.control_number) == ("lendable", "n2")


def test_one_barcode_may_exist_in_two_libraries(db, importer):
    importer.take(
        readings(description(1, items=(copy("1", home="central"), copy("1", home="harbour"))))
    )

    assert len(db.scalars(select(Item)).all()) == 2


def test_a_withdrawn_record_comes_back_with_the_file(db, importer):
    batch = readings(description())
    importer.take(batch)
    importer.withdraw(["n1"])

    taken = importer.take(batch)

    db.expire_all()
    assert numbers(taken) == (0, 1, 0)
    assert not db.scalars(select(Record)).one().withdrawn


def test_what_a_library_withdraws_is_gone_with_its_copies(db, importer):
    importer.take(readings(description(1, items=(copy("1"),)), description(2)))

    taken = importer.withdraw(["n1", "never heard of"])

    db.expire_all()
    gone = db.scalars(select(Record.control_number).where(Record.withdrawn)).all()
    assert (taken.counts.withdrawn, taken.counts.items_withdrawn) == (1, 1)
    assert gone == ["n1"]
    assert statuses(db) == {"1": "withdrawn"}
    assert importer.withdraw(["n1"]).counts.withdrawn == 0


def test_two_libraries_may_use_the_same_control_number(db, importer, libraries):
    importer.take(readings(description()))
    importer.library_id = libraries["harbour"].id

    taken = importer.take(readings(description()))

    assert numbers(taken) == (1, 0, 0)
    assert len(db.scalars(select(Record)).all()) == 2


def test_a_record_with_very_many_copies_is_taken_in(db, importer):
    items = tuple(copy(str(number)) for number in range(5000))

    taken = importer.take(readings(description(items=items)))
    again = importer.take(readings(replace(description(items=items), title="Другое")))

    assert taken.counts.items_created == 5000
    assert item_numbers(again) == (0, 0, 0)


def test_a_file_read_with_the_wrong_field_takes_no_copies_away(db, importer):
    importer.take(readings(*(description(n, items=(copy(str(n)),)) for n in range(25))))

    taken = importer.take(readings(*(description(n) for n in range(25))))

    assert numbers(taken) == (0, 25, 0)
    assert item_numbers(taken) == (0, 0, 0)
    assert set(statuses(db).values()) == {"lendable"}
