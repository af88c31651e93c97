"""Several libraries describe the same editions: one record, whose copies are in all of them."""

import pytest
from sqlalchemy import event, select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.importing import Importer
from bibliopolis.catalogue.models import Item, Record, SourceKey, SourceRecord, SourcesApart
from bibliopolis.catalogue.record_data import Contributor, ItemData
from bibliopolis.outbox import Outbox, OutboxRow

from .conftest import description, readings

QUIET = {
    "contributors": (Contributor("Шолохов, Михаил"),),
    "publisher": "Художественная литература",
    "year": 1975,
    "languages": ("ru",),
    "extent": "512 с.",
}
ROMANISED = {
    **QUIET,
    "title": "Tikhiĭ Don",
    "contributors": (Contributor("Sholokhov, Mikhail"),),
    "publisher": "Khudozh. lit.",
    "subjects": ("Cossacks",),
}


class Follower:
    def __init__(self):
        self.moves = []

    def follow(self, move):
        self.moves.append(move)


@pytest.fixture
def follower():
    return Follower()


@pytest.fixture
def importer_of(db, clock, in_use, libraries, follower):
    """Return an importer for a library."""

    def made(code):
        return Importer(
            db=db,
            clock=clock,
            outbox=Outbox(db, clock),
            availability=Availability(db, in_use),
            in_use=in_use,
            library_id=libraries[code].id,
            library_ids={one: row.id for one, row in libraries.items()},
            follower=follower,
        )

    return made


@pytest.fixture
def central(importer_of):
    return importer_of("central")


@pytest.fixture
def harbour(importer_of):
    return importer_of("harbour")


def live(db):
    db.expire_all()
    return db.scalars(select(Record).where(Record.withdrawn.is_(False)).order_by(Record.id)).all()


def sources_of(db, record):
    return db.scalars(
        select(SourceRecord.control_number)
        .where(SourceRecord.record_id == record.id, SourceRecord.withdrawn.is_(False))
        .order_by(SourceRecord.control_number)
    ).all()


def copy(barcode, **more):
    return ItemData(barcode=barcode, **more)


@pytest.fixture
def joined(db, central, harbour):
    """One edition that both libraries describe, with a copy each."""
    central.take(readings(description(1, **QUIET, items=(copy("C1", home="central"),))))
    harbour.take(readings(description(2, **ROMANISED, items=(copy("H1", home="harbour"),))))
    [record] = live(db)
    return record


def test_the_same_edition_of_two_libraries_is_one_record_with_all_copies(db, joined):
    assert sources_of(db, joined) == ["n1", "n2"]
    assert joined.title == "Тихий Дон"
    assert joined.other_titles == ["Tikhiĭ Don"]
    assert joined.subjects == ["Cossacks"]
    assert len(joined.library_ids) == 2
    assert sorted(item.barcode for item in joined.items) == ["C1", "H1"]
    assert {item.source_record_id for item in joined.items} == set(
        db.scalars(select(SourceRecord.id))
    )


def test_the_record_is_indexed_anew_when_a_library_joins_it(db, central, harbour):
    central.take(readings(description(1, **QUIET)))
    db.query(OutboxRow).delete()

    harbour.take(readings(description(2, **ROMANISED)))

    [record] = live(db)
    assert db.scalars(select(OutboxRow.key)).all() == [f"record:{record.id}"]


def test_the_same_files_again_change_nothing(db, joined, central, harbour):
    before = (joined.id, joined.changed, joined.title)

    again = [
        central.take(readings(description(1, **QUIET, items=(copy("C1", home="central"),)))),
        harbour.take(readings(description(2, **ROMANISED, items=(copy("H1", home="harbour"),)))),
    ]

    assert [taken.counts.unchanged for taken in again] == [1, 1]
    [record] = live(db)
    assert (record.id, record.changed, record.title) == before


def test_two_descriptions_of_one_library_are_never_joined(db, central):
    central.take(readings(description(1, **QUIET), description(2, **ROMANISED)))

    assert len(live(db)) == 2


def test_two_of_one_batch_do_not_both_join_the_same_record(db, central, harbour):
    central.take(readings(description(1, **QUIET)))
    harbour.take(readings(description(2, **QUIET), description(3, **ROMANISED)))

    assert [sources_of(db, record) for record in live(db)] == [["n1", "n2"], ["n3"]]


def test_another_volume_is_another_record(db, central, harbour):
    central.take(readings(description(1, **QUIET, part="Т. 1", isbns=("9785170906308",))))
    harbour.take(readings(description(2, **QUIET, part="Т. 2", isbns=("9785170906308",))))

    assert len(live(db)) == 2


def test_what_no_longer_matches_moves_out_with_its_copies(db, joined, harbour, follower):
    changed = {**ROMANISED, "year": 1980}
    harbour.take(readings(description(2, **changed, items=(copy("H1", home="harbour"),))))

    old, new = live(db)
    assert (old.id, sources_of(db, old), sources_of(db, new)) == (joined.id, ["n1"], ["n2"])
    assert (old.year, new.year) == (1975, 1980)
    assert old.field_sources is None
    assert old.subjects == []
    assert [item.barcode for item in new.items] == ["H1"]
    [move] = follower.moves
    assert (move.from_id, move.to_id, move.wholly) == (old.id, new.id, False)
    assert move.item_ids == {new.items[0].id}


def test_what_matches_now_moves_in_and_its_old_record_leads_there(db, central, harbour, follower):
    central.take(readings(description(1, **QUIET)))
    harbour.take(readings(description(2, **{**QUIET, "year": 1980}, items=(copy("H1"),))))
    kept, old = live(db)

    harbour.take(readings(description(2, **QUIET, items=(copy("H1"),))))

    [record] = live(db)
    gone = db.get(Record, old.id)
    assert record.id == kept.id
    assert (gone.withdrawn, gone.joined_to) == (True, kept.id)
    assert [item.barcode for item in record.items] == ["H1"]
    assert [(move.from_id, move.to_id, move.wholly) for move in follower.moves] == [
        (old.id, kept.id, True)
    ]


def test_a_library_that_leaves_takes_what_only_it_said(db, joined, harbour):
    harbour.withdraw(["n2"])

    [record] = live(db)
    assert record.id == joined.id
    assert (record.subjects, record.other_titles, record.field_sources) == ([], [], None)


def test_the_record_is_gone_when_no_library_is_left(db, joined, central, harbour):
    harbour.withdraw(["n2"])
    central.withdraw(["n1"])

    assert live(db) == []
    assert db.get(Record, joined.id).joined_to is None


def test_a_library_that_comes_back_finds_its_record(db, joined, harbour):
    harbour.withdraw(["n2"])
    harbour.take(readings(description(2, **ROMANISED, items=(copy("H1", home="harbour"),))))

    [record] = live(db)
    assert sources_of(db, record) == ["n1", "n2"]
    assert db.scalars(select(Item.status).where(Item.barcode == "H1")).one() == "lendable"


def test_what_staff_pinned_stays_whatever_it_says(db, joined, harbour):
    db.query(SourceRecord).filter_by(control_number="n2").update({"pinned": True})

    harbour.take(readings(description(2, **{**ROMANISED, "year": 1980})))

    [record] = live(db)
    assert sources_of(db, record) == ["n1", "n2"]


def test_what_staff_put_apart_is_not_joined_again(db, central, harbour):
    central.take(readings(description(1, **QUIET)))
    harbour.take(readings(description(2, **{**QUIET, "year": 1980})))
    first, second = db.scalars(select(SourceRecord.id).order_by(SourceRecord.id))
    db.add(SourcesApart(first_id=first, second_id=second))

    harbour.take(readings(description(2, **QUIET)))

    assert len(live(db)) == 2


def test_keys_follow_what_a_description_says(db, central):
    central.take(readings(description(1, **QUIET)))
    before = set(db.scalars(select(SourceKey.key)))

    central.take(readings(description(1, **{**QUIET, "year": 1980})))

    after = set(db.scalars(select(SourceKey.key)))
    assert len(before) == len(after) == 2
    assert not before & after


def test_a_batch_asks_as_many_questions_for_two_records_as_for_forty(db, central, importer_of):
    def file(start, count, **more):
        return readings(
            *(
                description(n, title=f"Тихий Дон {n} и другие", **QUIET, **more)
                for n in range(start, start + count)
            )
        )

    central.take(file(1, 50))
    asked = []
    listener = lambda *args: asked.append(args[2])  # noqa: E731
    event.listen(db.connection(), "before_cursor_execute", listener)

    def questions(batch):
        asked.clear()
        importer_of("harbour").take(batch)
        return len(asked)

    few, many = questions(file(1, 2)), questions(file(3, 40))

    event.remove(db.connection(), "before_cursor_execute", listener)
    assert len(live(db)) == 50
    assert few == many < 25
