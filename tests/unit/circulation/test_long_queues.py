"""A queue may be long: what does not need its tail does not read it."""

from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event, insert, select

from bibliopolis.catalogue.interfaces import RecordMove
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.choosing import ORDERS, in_order
from bibliopolis.circulation.models import Hold, HoldState, HoldTarget
from bibliopolis.circulation.services import FollowingHolds, Lists


@pytest.fixture
def queue(city, db, clock, desk, record, here):
    """Forty readers wait for a title with two copies, one second after another."""
    city.item(record, here)
    city.item(record, here)
    rows = [
        {
            "state": HoldState.QUEUED,
            "reader_id": city.reader(here).id,
            "record_id": record.id,
            "pickup_library_id": here.id,
            "cut_in_line": False,
            "placed": clock.now() - timedelta(seconds=40 - n),
            "changed": clock.now(),
        }
        for n in range(40)
    ]
    db.execute(insert(Hold), rows)
    return [hold.id for hold in desk.titles.read(record.id).queue]


def test_the_head_is_read_with_who_is_asked_for(desk, db, record, queue):
    head = desk.titles.lock_head(record.id, hold_ids=[queue[-1]])

    assert set(head.holds) == {*queue[:5], queue[-1]}


def test_who_is_paused_or_far_behind_is_no_hindrance_to_the_head(desk, record, queue):
    for hold_id in queue[:6]:
        desk.changes.suspend(hold_id)

    title = desk.titles.read(record.id)

    assert set(title.targets) == set(queue[6:8])
    assert [hold.id for hold in desk.titles.lock_head(record.id).queue] == queue[6:11]


def test_a_reader_at_the_end_is_found_placed_and_counted(city, desk, db, record, here, queue):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)

    assert Lists(db).positions([hold]) == {hold.id: 41}
    desk.holds.cancel(hold.id)
    assert hold.state == HoldState.CANCELLED


@contextmanager
def read_holds():
    """Count the holds that are read from the database."""
    read = []

    def note(hold, *_rest):
        read.append(hold.id)

    for what in ("load", "refresh"):
        event.listen(Hold, what, note)
    try:
        yield read
    finally:
        for what in ("load", "refresh"):
            event.remove(Hold, what, note)


@pytest.fixture
def ten_thousand(city, db, clock, record, here):
    """Ten thousand wait; one reader stands for all, which only the rules forbid."""
    reader, now = city.reader(here), clock.now()
    common = {"state": HoldState.QUEUED, "reader_id": reader.id, "record_id": record.id}
    common |= {"pickup_library_id": here.id, "cut_in_line": False, "changed": now}
    times = (now - timedelta(seconds=10_000 - n) for n in range(10_000))
    db.execute(insert(Hold), [{**common, "placed": placed} for placed in times])
    return reader


def test_the_desk_reads_no_more_of_ten_thousand_than_it_needs(
    city, desk, record, here, ten_thousand
):
    item, other = city.item(record, here), city.item(record, here)
    somebody = city.reader(here)

    with read_holds() as read:
        desk.loans.against(other.id, somebody.id, here.id)
        outcome = desk.loans.check_in(item.id, here.id)
        desk.loans.check_out(other.id, somebody.id, here.id)
        desk.loans.check_in(other.id, here.id)

    assert outcome.hold.state == HoldState.READY
    assert outcome.hold.reader_id == ten_thousand.id
    assert len(set(read)) < 20


def test_a_short_loan_for_those_in_demand_counts_only_as_far_as_it_must(
    city, desk, record, here, clock, ten_thousand
):
    city.rule("demand_holds", 5, here)
    city.rule("demand_days", 3, here)
    item, somebody = city.item(record, here), city.reader(here)

    with read_holds() as read:
        lent = desk.loans.check_out(item.id, somebody.id, here.id)

    assert lent.loan.due == clock.today() + timedelta(days=3)
    assert len(set(read)) < 20


def test_a_queue_of_ten_thousand_follows_its_copies_unread(
    city, db, clock, desk, record, here, ten_thousand
):
    item, other = city.item(record, here), city.record(here)

    with read_holds() as read:
        FollowingHolds(db, clock, desk.holds).follow(
            RecordMove(record.id, other.id, frozenset({item.id}), wholly=True)
        )

    assert Lists(db).queue_length(other.id) == 10_000
    assert len(set(read)) < 20


def test_behind_those_whom_no_copy_fits_the_next_is_served_at_once(
    city, desk, db, record, here, there, queue
):
    for item in desk.titles.read(record.id).items.values():
        item.library_id = item.holding_library_id = there.id
    city.rule("transit_range", 0, there)

    hold = desk.holds.place(record.id, city.reader(there).id, there.id)

    assert db.scalars(select(HoldTarget.hold_id)).all() == [hold.id]
    item = db.scalars(select(HoldTarget.item_id)).one()
    assert desk.loans.check_in(item, there.id).hold is hold


def test_who_stands_behind_unread_holds_is_not_served_before_them(
    city, desk, db, record, here, there, queue
):
    """One far behind whom a copy fits waits for those before, whom it fits as well."""
    earlier = db.get(Hold, queue[30])
    earlier.pickup_library_id = there.id
    items = list(desk.titles.read(record.id).items.values())
    for item in items:
        item.library_id = item.holding_library_id = there.id
    city.rule("transit_range", 0, there)

    hold = desk.holds.place(record.id, city.reader(there).id, there.id)

    assert set(db.scalars(select(HoldTarget.hold_id))) == {earlier.id, hold.id}
    items[0].status = ItemStatus.LOST
    desk.holds.settle(desk.titles.lock_head(record.id))
    assert set(db.scalars(select(HoldTarget.hold_id))) == {earlier.id}


@pytest.fixture
def scattered(city, db, clock, record, here, there):
    """Three hundred wait at three places, of three home libraries; many were placed at once."""
    places, chance, now = [here, there, city.library()], Random(7), clock.now()
    readers = [city.reader(place) for place in places]
    rows = [
        {
            "state": HoldState.QUEUED,
            "reader_id": chance.choice(readers).id,
            "record_id": record.id,
            # Only one of the last ones is collected where the copy comes back.
            "pickup_library_id": here.id if n == 290 else chance.choice(places[1:]).id,
            "cut_in_line": chance.random() < 0.02,
            "placed": now - timedelta(hours=300 - n // 7 * 7),
            "changed": now,
        }
        for n in range(300)
    ]
    db.execute(insert(Hold), rows)


@pytest.mark.parametrize("local", ["none", "give_library"])
@pytest.mark.parametrize("order", ORDERS)
def test_the_best_hold_is_found_without_reading_all(
    city, desk, db, engine, record, here, scattered, order, local
):
    """It is the one that comes first when all of them are put in order."""
    city.rule("best_hold_order", order, here)
    city.rule("local_priority", local, here)
    item = city.item(record, here)
    best, title = desk.loans.best, desk.titles.read(record.id)
    terms, copy = best.permits.terms(), best.permits.copy_facts(title, item)
    readers = best._readers(title.queue)
    all_of_them = [best._candidate(one, readers, copy, terms) for one in title.queue]
    choice = best._choice(item, copy, here.code, order, terms)
    expected = in_order(all_of_them, choice, order)[0].id
    db.expire_all()
    said = []
    event.listen(engine, "before_cursor_execute", lambda *more: said.append(more[2]))

    with read_holds() as read:
        found = best.choose(desk.titles.lock_head(record.id), item, here.id)

    assert found.id == expected
    assert len(set(read)) < 50
    assert len(said) < 30
