"""Holds are moved to another edition or copy; as FOLIO's tests of moving requests."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from transaction import TransactionManager

from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import CancelCause, Hold, HoldState, HoldTarget
from bibliopolis.circulation.services import Elsewhere, Lists, OpenHolds
from bibliopolis.errors import Blocked, Conflict, NotAllowed, Unprocessable
from bibliopolis.libraries.models import Library
from bibliopolis.resources.access import Principals
from bibliopolis.resources.history import HistoryEntry
from bibliopolis.transactions import BeginAnew

WHY = "The other edition is lost."


@pytest.fixture
def other(city, db, here, record):
    """Another edition of the same work, with a copy."""
    other = city.record(here)
    db.execute(
        update(Record).where(Record.id.in_([record.id, other.id])).values(work_key="dostoevsky|x")
    )
    city.item(other, here)
    return other


@pytest.fixture
def hold(city, clock, desk, record, here):
    """Anna waits since an hour; all copies of the title are lent elsewhere."""
    city.item(record, here, ItemStatus.LENT_ELSEWHERE)
    hold = desk.holds.place(record.id, city.reader(here, person=city.person()).id, here.id)
    clock.advance(timedelta(hours=1))
    return hold


def targets(db):
    return {row.hold_id: row.item_id for row in db.scalars(select(HoldTarget))}


def test_a_hold_waits_for_the_other_edition_since_it_was_placed(db, desk, other, hold):
    placed = hold.placed

    desk.transfers.move(hold.id, Elsewhere(other.id), WHY)

    assert (hold.record_id, hold.placed, hold.state) == (other.id, placed, HoldState.QUEUED)
    assert set(targets(db)) == {hold.id}
    entry = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "move_to_title")).one()
    assert (entry.comment, entry.resource_id) == (WHY, hold.id)


@pytest.mark.parametrize(
    ("fetched", "position"),
    [
        (True, 2),  # F: a page request stays at position 1
        (False, 1),  # F: moved by the date of the request
    ],
)
def test_who_is_being_served_is_not_displaced(
    city, db, desk, clock, other, hold, here, fetched, position
):
    (item,) = desk.titles.read(other.id).items.values()
    if not fetched:
        item.status = ItemStatus.LENT_ELSEWHERE
    first = desk.holds.place(other.id, city.reader(here).id, here.id)
    before = targets(db)
    assert (first.id in before) is fetched
    clock.advance(timedelta(hours=1))
    later = desk.holds.place(other.id, city.reader(here).id, here.id)
    asked = hold.asked

    desk.transfers.move(hold.id, Elsewhere(other.id), WHY)

    positions = Lists(db).positions([hold, later])
    assert positions == {hold.id: position, later.id: 3}
    assert targets(db) == before
    assert hold.asked == asked


@pytest.mark.parametrize(
    ("rule", "value", "code"),
    [
        ("holdable", False, "rule_not_holdable"),  # F: the request policy is asked again
        ("item_level_holds", "forced", "item_level_forced"),
        ("transferable", True, None),
        ("max_holds", 1, None),  # the hold itself is no second one
        ("holds_per_day", 1, None),
    ],
)
def test_what_the_rules_forbid_is_refused(city, other, hold, here, rule, value, code):
    city.rule(rule, value, here)
    desk = city.desk()

    if code is None:
        assert desk.transfers.move(hold.id, Elsewhere(other.id), WHY).record_id == other.id
        return
    with pytest.raises(Blocked) as refusal:
        desk.transfers.move(hold.id, Elsewhere(other.id), WHY)
    assert [one.code for one in refusal.value.blocks] == [code]


def test_who_waits_there_already_is_not_moved(desk, other, hold):
    desk.holds.place(other.id, hold.reader_id, hold.pickup_library_id)

    with pytest.raises(Blocked) as refusal:
        desk.transfers.move(hold.id, Elsewhere(other.id), WHY)

    assert [one.code for one in refusal.value.blocks] == ["too_many_for_record"]


def test_another_copy_of_the_title_may_be_meant(city, db, desk, record, hold, here):
    volume = city.item(record, here)

    desk.transfers.move(hold.id, Elsewhere(record.id, volume.id), WHY)

    assert hold.wanted_item_id == volume.id
    assert targets(db) == {hold.id: volume.id}


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (lambda record, work: Elsewhere(record.id), "move_the_same"),
        (lambda record, work: Elsewhere(99999), "move_no_title"),
        (lambda record, work: Elsewhere(work.id), "move_other_work"),
        (lambda record, work: Elsewhere(work.id, other_work=True), None),
    ],
)
def test_what_is_no_other_edition(city, desk, record, hold, here, wish, code):
    work = city.record(here, "The Idiot")
    city.item(work, here)
    wanted = wish(record, work)

    if code is None:
        assert desk.transfers.move(hold.id, wanted, WHY).record_id == work.id
        return
    with pytest.raises(Unprocessable) as refusal:
        desk.transfers.move(hold.id, wanted, WHY)
    assert refusal.value.code == code


def test_once_a_copy_is_found_it_is_too_late(city, db, desk, record, other, hold, here):
    item = city.item(record, here)
    desk.holds.settle(desk.titles.lock_head(record.id))
    desk.holds.mark_found(hold.id, here.id)
    with pytest.raises(Conflict):
        desk.transfers.move(hold.id, Elsewhere(other.id), WHY)

    desk.loans.check_in(item.id, here.id)

    with pytest.raises(Conflict):
        desk.transfers.move(hold.id, Elsewhere(other.id), WHY)
    assert (hold.record_id, hold.state) == (record.id, HoldState.READY)


@pytest.mark.parametrize("why", ["", None])
def test_nobody_is_moved_without_a_reason(desk, other, hold, why):
    with pytest.raises(Conflict):
        desk.transfers.move(hold.id, Elsewhere(other.id), why)


def test_a_reader_moves_nothing_by_themselves(city, db, other, hold, desk):
    reader = desk.holds.readers.get(hold.reader_id)
    own = city.desk(Principals(reader.person_id, reader.id))

    with pytest.raises(NotAllowed):
        own.transfers.move(hold.id, Elsewhere(other.id), WHY)


def test_of_several_those_are_moved_that_can_be(city, db, desk, clock, record, other, hold, here):
    clock.advance(timedelta(hours=1))
    second = desk.holds.place(record.id, city.reader(here).id, here.id)
    twice = desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.holds.place(other.id, twice.reader_id, here.id)

    changed = desk.transfers.several([hold.id, second.id, twice.id], Elsewhere(other.id), WHY)

    assert changed.done == [hold, second]
    assert [one for one, _reason in changed.refused] == [twice]
    assert twice.record_id == record.id
    desk.holds.cancel(twice.id)
    late = desk.transfers.several([twice.id], Elsewhere(other.id), WHY)
    assert [one for one, _reason in late.refused] == [twice], "it is told of what closed meanwhile"


def test_what_moves_away_before_it_is_locked_is_begun_anew(city, desk, monkeypatch, hold, other):
    """While a step waits for the lock of a title, its hold and its copy may leave that title."""
    copy = city.item(other, city.db.get_one(Library, hold.pickup_library_id))
    elsewhere = {"record_id_of_hold": other.id, "record_id_of_item": hold.record_id}
    for looked_up, record_id in elsewhere.items():
        monkeypatch.setattr(desk.titles, looked_up, lambda _id, found=record_id: found)

    for step in (
        lambda: desk.holds.cancel(hold.id),
        lambda: desk.transfers.move(hold.id, Elsewhere(other.id), WHY),
        lambda: desk.loans.check_in(copy.id, copy.library_id),
    ):
        with pytest.raises(BeginAnew) as begun:
            step()
        assert TransactionManager()._retryable(BeginAnew, begun.value), "as the site does it"
    assert hold.state == HoldState.QUEUED


def test_one_of_several_that_moves_away_before_the_lock_lets_all_begin_anew(
    city, db, desk, monkeypatch, hold, other, here
):
    third, locked = city.record(here), desk.titles.lock_records

    def lock_records(ids):
        db.execute(update(Hold).where(Hold.id == hold.id).values(record_id=third.id))
        return locked(ids)

    monkeypatch.setattr(desk.titles, "lock_records", lock_records)

    with pytest.raises(BeginAnew):
        desk.transfers.several([hold.id], Elsewhere(other.id), WHY)


def test_all_that_a_reader_waits_for_ends_with_them(city, db, desk, here, hold, other):
    second = desk.holds.place(other.id, hold.reader_id, here.id)
    others = desk.holds.place(other.id, city.reader(here).id, here.id)

    theirs = OpenHolds(db, desk.holds)
    theirs.lock([hold.reader_id])
    theirs.cancel_all([hold.reader_id])

    assert {hold.cause, second.cause} == {CancelCause.LEFT}
    assert set(targets(db)) == {others.id}
