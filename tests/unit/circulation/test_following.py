"""Holds when descriptions move between records: they follow their copies."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.interfaces import RecordMove
from bibliopolis.circulation.models import Hold, HoldState, HoldTarget, ShelfRemoval
from bibliopolis.circulation.services import FollowingHolds
from bibliopolis.circulation.waiting.models import HoldWait
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def here(city):
    return city.library()


@pytest.fixture
def desk(city):
    return city.desk()


@pytest.fixture
def books(city, here):
    """Two records of one edition with a copy each."""
    records = [city.record(here), city.record(here)]
    return records, [city.item(record, here) for record in records]


@pytest.fixture
def move(db, clock, desk, books):
    """Move copies from the first record to the second, and what waits for them."""

    def moved(*items, wholly=True, undoes=None, back=False):
        from_record, to_record = reversed(books[0]) if back else books[0]
        ids = frozenset(item.id for item in items)
        desk.holds.steps.history.operation = "undo" if undoes else "join"
        FollowingHolds(db, clock, desk.holds).follow(
            RecordMove(from_record.id, to_record.id, ids, wholly, undoes)
        )
        for item in items:
            item.record_id = to_record.id
        db.flush()
        for record in books[0]:
            desk.holds.settle(desk.titles.lock(record.id))

    return moved


def queue(db, record):
    return [
        hold.reader_id
        for hold in db.scalars(
            select(Hold)
            .where(Hold.record_id == record.id, Hold.state.not_in(["cancelled"]))
            .order_by(Hold.placed, Hold.id)
        )
    ]


def test_one_queue_is_made_of_two_in_the_order_of_time(db, clock, city, desk, here, books, move):
    (first, second), (one, _two) = books
    readers = [city.reader(here) for _number in range(4)]
    for number, reader in enumerate(readers):
        desk.holds.place((first, second)[number % 2].id, reader.id, here.id)
        clock.advance(timedelta(minutes=1))

    move(one)

    assert queue(db, first) == []
    assert queue(db, second) == [reader.id for reader in readers]
    looked_for = db.scalars(select(HoldTarget.hold_id).order_by(HoldTarget.hold_id)).all()
    served = db.scalars(
        select(Hold.id).where(Hold.reader_id.in_([readers[0].id, readers[1].id]))
    ).all()
    assert looked_for == sorted(served)


def test_who_waits_for_both_keeps_the_earlier_place(db, clock, city, desk, here, books, move):
    (first, second), (one, _two) = books
    reader, other = city.reader(here), city.reader(here)
    early = desk.holds.place(first.id, reader.id, here.id)
    clock.advance(timedelta(minutes=1))
    desk.holds.place(second.id, other.id, here.id)
    clock.advance(timedelta(minutes=1))
    late = desk.holds.place(second.id, reader.id, here.id)

    move(one)

    assert queue(db, second) == [reader.id, other.id]
    assert (early.state, late.state) == (HoldState.QUEUED, HoldState.CANCELLED)
    actions = db.scalars(
        select(HistoryEntry.action).where(HistoryEntry.resource_id == late.id)
    ).all()
    assert "joined" in actions


def test_who_waits_for_both_waits_from_now_on_where_one_has_begun(
    db, clock, city, desk, here, books, move
):
    (first, second), (one, _two) = books
    reader, start = city.reader(here), clock.today() + timedelta(days=9)
    later = desk.holds.place(second.id, reader.id, here.id, start=start)
    desk.holds.place(first.id, reader.id, here.id)
    later.cut_in_line = True

    move(one)

    assert (later.state, later.starts, later.wanted_since) == (HoldState.QUEUED, None, None)
    open_waits = db.scalars(select(HoldWait.hold_id).where(HoldWait.ended.is_(None))).all()
    assert open_waits == [later.id]


def test_a_book_that_waits_on_the_shelf_is_kept_whoever_was_first(
    db, clock, city, desk, here, books, move
):
    (first, second), (one, two) = books
    reader = city.reader(here)
    queued = desk.holds.place(first.id, reader.id, here.id)
    clock.advance(timedelta(minutes=1))
    ready = desk.holds.place(second.id, reader.id, here.id)
    desk.loans.check_in(two.id, here.id)

    move(one)

    assert (ready.state, ready.item_id) == (HoldState.READY, two.id)
    assert ready.placed == queued.placed
    assert queued.state == HoldState.CANCELLED
    assert db.scalars(select(HoldTarget)).all() == []


def test_of_two_books_on_the_shelf_one_is_to_be_cleared(db, city, desk, here, books, move):
    (first, second), items = books
    reader = city.reader(here)
    for record, item in zip((first, second), items, strict=True):
        desk.holds.place(record.id, reader.id, here.id)
        desk.loans.check_in(item.id, here.id)

    move(items[0])

    states = db.scalars(select(Hold.state).order_by(Hold.state)).all()
    assert states == [HoldState.CANCELLED, HoldState.READY]
    assert db.scalars(select(ShelfRemoval.item_id)).all() == [items[1].id]


def test_when_copies_part_holds_stay_where_their_copy_or_most_copies_are(
    db, city, desk, here, books, move
):
    (first, second), (one, _two) = books
    stay = city.item(first, here)
    more = city.item(first, here)
    readers = [city.reader(here) for _number in range(4)]
    holds = [desk.holds.place(first.id, reader.id, here.id) for reader in readers]
    desk.loans.check_in(one.id, here.id)
    [bound] = [hold for hold in holds if hold.item_id == one.id]

    move(one, wholly=False)

    assert queue(db, second) == [bound.reader_id]
    assert len(queue(db, first)) == 3
    looked_for = set(db.scalars(select(HoldTarget.item_id)))
    assert looked_for == {stay.id, more.id}


def test_what_a_join_took_along_comes_back_when_it_is_undone(db, city, desk, here, books, move):
    (first, second), (one, _two) = books
    ours, theirs = city.reader(here), city.reader(here)
    # Both wait: the copies are out.
    for record, item in zip((first, second), books[1], strict=True):
        desk.loans.check_out(item.id, city.reader(here).id, here.id)
        assert record is not None
    desk.holds.place(first.id, ours.id, here.id)
    desk.holds.place(second.id, theirs.id, here.id)
    move(one)
    assert queue(db, second) == [ours.id, theirs.id]

    move(one, wholly=False, undoes="join", back=True)

    assert (queue(db, first), queue(db, second)) == ([ours.id], [theirs.id])
